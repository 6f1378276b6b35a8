using System.Globalization;
using System.Text.Json;
using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>
/// A ledger's report as JSON, the same from the car and the gateway. Times are nanoseconds since 1970 as texts, since they
/// are larger than what every JSON reader keeps of a number; <c>lastLogTime</c> null: open.
/// </summary>
public static class LedgerReportJson
{
    /// <summary>Writes the report as one object.</summary>
    public static void Write(LedgerReport report, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("recording", new Guid(report.Recording.RecordingId.Span, bigEndian: true));
        json.WriteString("vehicle", report.Recording.VehicleId);
        json.WriteString("ledger", LedgerReportText.Name(report.Presence));
        json.WriteBoolean("isComplete", report.IsComplete);
        json.WriteBoolean("orderly", report.Orderly);
        json.WriteNumber("entries", report.Entries);
        json.WriteString("toldAt", Text(report.ToldAt));
        WriteArray(json, "topics", report.Topics, WriteTopic);
        WriteArray(json, "lanes", report.Lanes, WriteLane);
        WriteArray(json, "parts", report.Parts, WritePart);
        WriteArray(json, "disagreements", report.Disagreements, WriteDisagreement);
        json.WriteEndObject();
    }

    private static void WriteTopic(Utf8JsonWriter json, LedgerTopicReport topic)
    {
        json.WriteString("topic", topic.Topic);
        json.WriteString("lane", topic.Lane);
        json.WriteNumber("offered", topic.Offered);
        json.WriteNumber("delivered", topic.Delivered);
        json.WriteNumber("pending", topic.Pending);
        json.WriteNumber("evicted", topic.Evicted);
        json.WriteNumber("damaged", topic.Damaged);
        json.WriteNumber("dropped", topic.Dropped);
        json.WriteNumber("missingAtGateway", topic.MissingAtGateway);
        json.WriteNumber("unannounced", topic.Unannounced);
        WriteArray(json, "reasons", topic.Reasons, static (json, reason) =>
        {
            json.WriteString("end", reason.End);
            json.WriteString("reason", reason.Reason);
            json.WriteNumber("messages", reason.Messages);
        });
        WriteArray(json, "missing", topic.Missing, static (json, missing) =>
        {
            json.WriteString("firstLogTime", Text(missing.FirstLogTime));
            if (missing.LastLogTime == 0)
                json.WriteNull("lastLogTime");
            else
                json.WriteString("lastLogTime", Text(missing.LastLogTime));
            json.WriteString("end", missing.End);
            json.WriteString("reason", missing.Reason);
            if (missing.Messages == 0)
                json.WriteNull("messages");
            else
                json.WriteNumber("messages", missing.Messages);
        });
    }

    private static void WriteLane(Utf8JsonWriter json, LedgerLaneReport lane)
    {
        json.WriteString("lane", lane.Lane);
        json.WriteNumber("lastSequence", lane.LastSequence);
        json.WriteNumber("deliveredChunks", lane.DeliveredChunks);
        json.WriteNumber("pendingChunks", lane.PendingChunks);
        json.WriteNumber("evictedChunks", lane.EvictedChunks);
        json.WriteNumber("damagedChunks", lane.DamagedChunks);
        json.WriteNumber("missingAtGatewayChunks", lane.MissingAtGatewayChunks);
        json.WriteNumber("unannouncedChunks", lane.UnannouncedChunks);
    }

    private static void WritePart(Utf8JsonWriter json, LedgerPart part)
    {
        json.WriteNumber("part", part.Part);
        json.WriteNumber("entries", part.Entries);
        json.WriteString("headSha256", Convert.ToHexStringLower(part.HeadSha256.Span));
        json.WriteString("reason", part.Reason);
        json.WriteString("refused", part.Refused);
        json.WriteNumber("signedThrough", part.SignedThrough);
        json.WriteString("keySha256", Convert.ToHexStringLower(part.KeySha256.Span));
    }

    private static void WriteDisagreement(Utf8JsonWriter json, LedgerDisagreement disagreement)
    {
        json.WriteString("kind", disagreement.Kind);
        json.WriteString("lane", disagreement.Lane);
        json.WriteNumber("firstSequence", disagreement.FirstSequence);
        json.WriteNumber("lastSequence", disagreement.LastSequence);
        json.WriteString("detail", disagreement.Detail);
    }

    private static void WriteArray<T>(
        Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Text(ulong time) => time.ToString(CultureInfo.InvariantCulture);
}
