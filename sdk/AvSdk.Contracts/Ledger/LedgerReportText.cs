using System.Globalization;
using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>A ledger's report for people, a fact a line.</summary>
public static class LedgerReportText
{
    private const int MissingLinesMax = 20;

    /// <summary>The lines; without line ends.</summary>
    public static IEnumerable<string> Lines(LedgerReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Guid id = new(report.Recording.RecordingId.Span, bigEndian: true);
        string complete = report.IsComplete ? "every message is accounted for" : "not everything is accounted for";
        yield return Invariant(
            $"recording  {id} of {report.Recording.VehicleId}, ledger {Name(report.Presence)}, {complete}");
        foreach (LedgerPart part in report.Parts)
            yield return Describe(part);
        foreach (LedgerTopicReport topic in report.Topics)
        {
            yield return Describe(topic);
            foreach (LedgerMissing missing in topic.Missing.Take(MissingLinesMax))
                yield return Describe(missing);
            if (topic.Missing.Count > MissingLinesMax)
                yield return Invariant($"    ... and {topic.Missing.Count - MissingLinesMax} stretches more");
        }

        foreach (LedgerLaneReport lane in report.Lanes)
        {
            yield return Invariant(
                $"lane {lane.Lane}: {lane.LastSequence} chunks, {lane.DeliveredChunks} delivered")
                + Invariant($", {lane.PendingChunks} pending, {lane.EvictedChunks} evicted, {lane.DamagedChunks} damaged")
                + Some(lane.MissingAtGatewayChunks, "missing at the gateway")
                + Some(lane.UnannouncedChunks, "not known here");
        }

        foreach (LedgerDisagreement each in report.Disagreements)
        {
            yield return Invariant(
                $"disagreement ({each.Kind}) lane {each.Lane}, chunks {each.FirstSequence} to {each.LastSequence}: ")
                + each.Detail;
        }
    }

    /// <summary><c>absent</c>, <c>open</c> or <c>ended</c>.</summary>
    public static string Name(LedgerReport.Types.Presence presence) => presence switch
    {
        LedgerReport.Types.Presence.Open => "open",
        LedgerReport.Types.Presence.Ended => "ended",
        _ => "absent",
    };

    private static string Describe(LedgerPart part)
    {
        string signed = part.SignedThrough == 0
            ? "not signed"
            : Invariant($"signed through {part.SignedThrough} by key ")
                + Convert.ToHexStringLower(part.KeySha256.Span)[..16];
        return Invariant($"part {part.Part}: {part.Entries} entries, {signed}")
            + (part.Reason.Length > 0 ? $", begun because: {part.Reason}" : "")
            + (part.Refused.Length > 0 ? $", later entries REFUSED: {part.Refused}" : "");
    }

    private static string Describe(LedgerTopicReport topic)
    {
        string counts = Some(topic.Delivered, "delivered") + Some(topic.Pending, "pending")
            + Some(topic.MissingAtGateway, "missing at the gateway") + Some(topic.Unannounced, "not announced");
        foreach (LedgerReason reason in topic.Reasons)
            counts += Some(reason.Messages, $"{reason.End} ({reason.Reason})");
        return Invariant($"{topic.Topic} ({topic.Lane}): {topic.Offered} messages") + counts;
    }

    private static string Describe(LedgerMissing missing)
    {
        string messages = missing.Messages == 0 ? "an unknown number" : Invariant($"{missing.Messages}");
        string last = missing.LastLogTime == 0 ? "" : Time(missing.LastLogTime);
        return $"    {Time(missing.FirstLogTime)} .. {last}  {messages} {missing.End} ({missing.Reason})";
    }

    private static string Some(ulong count, string what) => count == 0 ? "" : Invariant($", {count} {what}");

    // ISO 8601 with nanoseconds; what is beyond .NET's calendar stays a number.
    private static string Time(ulong nanoseconds)
    {
        const ulong NanosecondsPerSecond = 1_000_000_000;
        DateTimeOffset second = DateTimeOffset.FromUnixTimeSeconds((long)(nanoseconds / NanosecondsPerSecond));
        return second.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
            + Invariant($".{nanoseconds % NanosecondsPerSecond:D9}Z");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
