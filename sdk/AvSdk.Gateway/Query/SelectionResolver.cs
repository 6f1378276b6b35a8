using System.Globalization;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using Google.Protobuf;

namespace AvSdk.Gateway.Query;

/// <summary>Checks selections and puts them into the index's terms.</summary>
internal sealed class SelectionResolver(IChunkCatalogue index)
{
    private const int ListMax = 1000;
    private const int PatternCharactersMax = 512;

    /// <exception cref="QueryRefusal">
    /// The selection does not make sense; the message names the remedy.
    /// </exception>
    public async ValueTask<ResolvedSelection> ResolveAsync(
        Selection? selection, CancellationToken cancellationToken)
    {
        selection ??= new Selection();
        Check(selection);
        ChunkSelection chunks = new()
        {
            VehicleIds = [.. selection.VehicleIds.Distinct()],
            RecordingIds = [.. selection.RecordingIds.Select(RecordingIds.Read).Distinct()],
            Start = selection.HasStart ? selection.Start : null,
            End = selection.HasEnd ? selection.End : null,
            AsOf = selection.HasAsOf ? selection.AsOf : null,
        };
        if (selection.Topics.Count == 0)
            return new ResolvedSelection(chunks, [], []);

        IReadOnlyList<string> known = await index.ListTopicNamesAsync(chunks, cancellationToken)
            .ConfigureAwait(false);
        HashSet<string> matched = [];
        List<string> unmatched = [];
        foreach (string pattern in selection.Topics.Distinct())
        {
            string[] hits = [.. known.Where(topic => TopicGlob.Fits(pattern, topic))];
            matched.UnionWith(hits);
            if (hits.Length == 0)
                unmatched.Add(pattern);
        }

        return new ResolvedSelection(
            chunks with { Topics = [.. matched.Order(StringComparer.Ordinal)] },
            unmatched,
            unmatched.Count == 0 ? [] : NearestTopics.Find(unmatched, known));
    }

    private static void Check(Selection selection)
    {
        if (selection.VehicleIds.Count > ListMax || selection.RecordingIds.Count > ListMax
            || selection.Topics.Count > ListMax)
        {
            throw Bad(
                $"A selection may name at most {ListMax} vehicles, recordings and topics; ask more than once.");
        }

        foreach (string vehicle in selection.VehicleIds)
            Require(IngestRules.CheckVehicleId(vehicle, "vehicle_ids"));
        foreach (ByteString recording in selection.RecordingIds)
            Require(IngestRules.CheckRecordingId(recording, "recording_ids"));
        foreach (string topic in selection.Topics)
        {
            if (topic.Length is 0 or > PatternCharactersMax)
            {
                throw Bad(
                    $"topics holds a pattern of {topic.Length} characters; use 1 to {PatternCharactersMax}.");
            }
        }

        if (selection.HasStart && selection.HasEnd && selection.Start >= selection.End)
        {
            throw Bad(string.Create(
                CultureInfo.InvariantCulture,
                $"The time range is the wrong way round or empty: start {selection.Start} must be before end "
                + $"{selection.End}, which is exclusive (log time, ns since 1970). Swap them, or move the "
                + $"end."));
        }
    }

    private static void Require(string? problem)
    {
        if (problem is not null)
            throw Bad(problem);
    }

    private static QueryRefusal Bad(string message) => new(QueryRefusalKind.BadRequest, message);
}
