using Microsoft.Extensions.Logging;

namespace AvSdk.Query;

internal static partial class QueryLog
{
    [LoggerMessage(200, LogLevel.Warning,
        "Lost the reading from {Address}; goes on where it stands in {Delay}: {Reason}")]
    public static partial void ReadingLost(ILogger logger, string address, TimeSpan delay, string reason);

    [LoggerMessage(201, LogLevel.Error, "Left out a damaged chunk: {Reason}")]
    public static partial void DamagedChunkLeftOut(ILogger logger, string reason);

    [LoggerMessage(202, LogLevel.Warning, "A call to {Address} failed; tries again in {Delay}: {Reason}")]
    public static partial void CallLost(ILogger logger, string address, TimeSpan delay, string reason);
}
