using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>What the spool says. Lost data is an error; what is tried again is a warning.</summary>
internal static partial class SpoolLog
{
    [LoggerMessage(1101, LogLevel.Error,
        "Evicted {Chunks} undelivered chunks of lane {Lane} in {Segment}: {Reason}.")]
    public static partial void Evicted(ILogger log, string segment, int chunks, string lane, string reason);

    [LoggerMessage(1102, LogLevel.Error, "A segment with damaged or rejected chunks is kept as {File}.")]
    public static partial void Quarantined(ILogger log, string file);

    [LoggerMessage(1103, LogLevel.Warning, "Could not remove {File}; the next start tries again.")]
    public static partial void CannotRemove(ILogger log, string file, Exception error);

    [LoggerMessage(1104, LogLevel.Warning, "The journal could not be written; the next entry tries again.")]
    public static partial void JournalFailed(ILogger log, Exception error);

    [LoggerMessage(1105, LogLevel.Warning,
        "Lane {Lane}: the disk refused; its chunks are written again to a new segment.")]
    public static partial void WriteFailed(ILogger log, string lane, Exception error);

    [LoggerMessage(1106, LogLevel.Error,
        "Lane {Lane}: {Chunks} chunks with {Messages} messages could not be written and are lost.")]
    public static partial void ChunksLost(ILogger log, string lane, int chunks, long messages, Exception error);

    [LoggerMessage(1107, LogLevel.Error,
        "{File} is damaged: {Problem}. What is whole in it is delivered, then it is put aside.")]
    public static partial void Damaged(ILogger log, string file, string problem);

    [LoggerMessage(1108, LogLevel.Warning,
        "{File}: cut {Bytes} bytes of a torn tail after the last whole chunk.")]
    public static partial void TailCut(ILogger log, string file, long bytes);

    [LoggerMessage(1109, LogLevel.Warning, "{File} could not be sealed; it is delivered as it is.")]
    public static partial void CannotSeal(ILogger log, string file, Exception error);

    [LoggerMessage(1110, LogLevel.Information,
        "Recovery found {Recordings} earlier recordings, {Segments} segments, {Chunks} chunks to deliver.")]
    public static partial void Recovered(ILogger log, int recordings, int segments, long chunks);

    [LoggerMessage(1111, LogLevel.Error,
        "Recovery of {File} failed; it stays as it is for the next start.")]
    public static partial void RecoveryFailed(ILogger log, string file, Exception error);

    [LoggerMessage(1112, LogLevel.Error,
        "The journal was damaged and is kept as journal.damaged; chunks may be sent again.")]
    public static partial void JournalDamaged(ILogger log);

    [LoggerMessage(1122, LogLevel.Error,
        "Lane {Lane}: the disk refuses. Its chunks are held in memory until it is back; free or repair the disk.")]
    public static partial void DiskRefuses(ILogger log, string lane, Exception error);

    [LoggerMessage(1123, LogLevel.Warning, "Lane {Lane}: the disk is asked no more, or takes its chunks again.")]
    public static partial void DiskIsBack(ILogger log, string lane);

    [LoggerMessage(1124, LogLevel.Error,
        "The spool folder {Folder} is away: what is recorded is held in memory until it is back.")]
    public static partial void FolderAway(ILogger log, string folder, Exception error);

    [LoggerMessage(1125, LogLevel.Warning, "The spool folder {Folder} is back.")]
    public static partial void FolderBack(ILogger log, string folder);

    [LoggerMessage(1126, LogLevel.Warning, "No reserve could be kept for a full disk; the next second tries again.")]
    public static partial void CannotKeepReserve(ILogger log, Exception error);

    [LoggerMessage(1120, LogLevel.Information, "Reconfigured: {Lanes} lanes.")]
    public static partial void Reconfigured(ILogger log, int lanes);

    [LoggerMessage(1121, LogLevel.Error, "Not reconfigured, the old options stay: {Key} = {Value}: {Remedy}")]
    public static partial void ReconfigurationRefused(ILogger log, string key, string value, string remedy);

    [LoggerMessage(1113, LogLevel.Error,
        "Lane {Lane}: a chunk could not be made and is lost; this is a bug.")]
    public static partial void CompressionFailed(ILogger log, string lane, Exception error);

    [LoggerMessage(1114, LogLevel.Warning,
        "{File} could not be written anew without what is evicted; its chunks are evicted last.")]
    public static partial void CannotRewrite(ILogger log, string file, Exception error);

    [LoggerMessage(1115, LogLevel.Error, "Deleted {File} with {Bytes} bytes that were put aside: there was no room.")]
    public static partial void DamagedDeleted(ILogger log, string file, long bytes);
}
