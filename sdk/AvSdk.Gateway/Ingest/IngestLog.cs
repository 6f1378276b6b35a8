using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Ingest;

internal static partial class IngestLog
{
    [LoggerMessage(7101, LogLevel.Warning,
        "{Chunks} chunks could not be made durable; vehicles send them again")]
    public static partial void CommitFailed(ILogger logger, int chunks, Exception failure);

    [LoggerMessage(7102, LogLevel.Error, "Chunk {Chunk} of {Vehicle} is rejected: {Reason}")]
    public static partial void ChunkRejected(
        ILogger logger, string vehicle, Index.ChunkKey chunk, string reason);

    [LoggerMessage(7109, LogLevel.Warning,
        "The gateway cannot use its index now: {Vehicle} waits until it can, for a minute at most")]
    public static partial void IndexRefuses(ILogger logger, string vehicle, Exception failure);

    [LoggerMessage(7103, LogLevel.Warning, "The stream of {Vehicle} is ended: {Reason}")]
    public static partial void StreamRefused(ILogger logger, string vehicle, string reason);

    [LoggerMessage(7104, LogLevel.Information, "{Vehicle} is connected ({Software})")]
    public static partial void Connected(ILogger logger, string vehicle, string software);

    [LoggerMessage(7105, LogLevel.Information, "{Vehicle} is gone")]
    public static partial void Disconnected(ILogger logger, string vehicle);

    [LoggerMessage(7107, LogLevel.Error, "{Vehicle}: the ledger of recording {Recording} is refused: {Reason}")]
    public static partial void LedgerRefused(ILogger logger, string vehicle, Guid recording, string reason);

    [LoggerMessage(7106, LogLevel.Error, "The committer failed in a way that it does not know; it goes on")]
    public static partial void CommitterFailed(ILogger logger, Exception failure);

    [LoggerMessage(7108, LogLevel.Warning,
        "The index could not say whether recording {Recording} is complete; it is asked again")]
    public static partial void CompletenessUnknown(ILogger logger, Guid recording, Exception failure);
}
