using System.Globalization;
using System.Text.Json;

namespace AvSdk.Tests.Mcap.Conformance;

/// <summary>
/// What the suite expects of an indexed read, made from a case's records as its harness does: each definition once, by
/// id; the messages by log time, in the file's order where that is equal; the statistics.
/// </summary>
internal sealed class IndexedExpectation
{
    private readonly List<JsonElement> _schemas = [];
    private readonly List<JsonElement> _channels = [];
    private readonly List<JsonElement> _messages = [];
    private readonly List<JsonElement> _statistics = [];

    public static IndexedExpectation Of(JsonElement records)
    {
        IndexedExpectation expected = new();
        foreach (JsonElement record in records.EnumerateArray())
        {
            List<JsonElement>? into = record.GetProperty("type").GetString() switch
            {
                "Schema" => expected._schemas,
                "Channel" => expected._channels,
                "Message" => expected._messages,
                "Statistics" => expected._statistics,
                _ => null,
            };
            into?.Add(record);
        }

        return expected;
    }

    public bool IsMetBy(JsonElement result, bool withStatistics) =>
        Same(result.GetProperty("schemas"), _schemas.DistinctBy(s => Number(s, "id")).OrderBy(s => Number(s, "id")))
        && Same(result.GetProperty("channels"), _channels.DistinctBy(c => Number(c, "id")).OrderBy(c => Number(c, "id")))
        && Same(result.GetProperty("messages"), _messages.OrderBy(m => Number(m, "log_time")))
        && Same(result.GetProperty("statistics"), withStatistics ? _statistics : []);

    private static bool Same(JsonElement ours, IEnumerable<JsonElement> theirs) =>
        ours.EnumerateArray().SequenceEqual(theirs, EqualityComparer<JsonElement>.Create(JsonElement.DeepEquals));

    private static ulong Number(JsonElement record, string field) => ulong.Parse(
        record.GetProperty("fields").EnumerateArray().First(f => f[0].GetString() == field)[1].GetString()!,
        CultureInfo.InvariantCulture);
}
