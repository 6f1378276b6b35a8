using AvSdk.Recording.Inspection;

namespace AvSdk.Agent.Commands;

/// <summary>What the <c>spool</c> commands say to people, a fact a line.</summary>
internal static class SpoolText
{
    public static IEnumerable<string> Lines(SpoolListing listing)
    {
        foreach (ListedRecording recording in listing.Recordings)
        {
            string end = recording.EndIsTold ? "its end is told" : recording.HasEnded ? "ended" : "no end yet";
            yield return $"recording {recording.RecordingId} of {recording.VehicleId}, "
                + $"since {LogTimes.Text(recording.StartedAt)}, {end}";
            foreach (ListedLane lane in recording.Lanes)
            {
                yield return $"  lane {lane.Name,-12} {lane.Segments,4} segments {lane.Chunks,6} chunks "
                    + $"{lane.Messages,9} messages {lane.Bytes,12} bytes{Times(lane)}";
                ListedEnds ends = lane.Ends;
                yield return $"       {"",-12} pending {ends.Pending}, delivered {ends.Delivered}, evicted {ends.Evicted}, "
                    + $"damaged {ends.Damaged}"
                    + (lane.UnreadableSegments > 0 ? $"; {lane.UnreadableSegments} segments cannot be read" : "");
            }
        }

        foreach (SpoolDamagedFile file in listing.DamagedFiles)
            yield return $"damaged   {file.Name}, {file.Bytes} bytes";
        if (!listing.JournalIsWhole)
            yield return "journal   none, or damaged: what became of chunks is not all known";
        yield return $"total     {listing.Bytes} bytes";
    }

    public static IEnumerable<string> Lines(SpoolCheckReport report)
    {
        foreach (SpoolFinding finding in report.Findings)
            yield return $"{(finding.IsDamage ? "DAMAGE " : "note   ")} {finding}";
        yield return $"{(report.IsGood ? "good" : "damaged")}: segments={report.Segments} chunks={report.Chunks} "
            + $"messages={report.Messages} bytes={report.Bytes} damage={report.Findings.Count(static each => each.IsDamage)}";
    }

    public static IEnumerable<string> Lines(SpoolRepairReport report)
    {
        foreach (string action in report.Actions)
            yield return action;
        yield return report.Actions.Count == 0
            ? "nothing to repair"
            : $"repaired: sealed={report.SegmentsSealed} bytesCut={report.BytesCut} split={report.SegmentsSplit} "
                + $"chunksLost={report.ChunksLost} putAside={report.FilesPutAside}";
    }

    public static IEnumerable<string> Lines(SpoolExportReport report, string path)
    {
        foreach (SpoolFinding finding in report.LeftOut)
            yield return $"left out {finding}";
        yield return $"{path}: recordings={report.Recordings} messages={report.Messages} "
            + $"chunksCopied={report.ChunksCopied} chunksFiltered={report.ChunksFiltered}";
    }

    private static string Times(ListedLane lane) => lane is { FirstLogTime: { } first, LastLogTime: { } last }
        ? $", {LogTimes.Text(first)} to {LogTimes.Text(last)}"
        : "";
}
