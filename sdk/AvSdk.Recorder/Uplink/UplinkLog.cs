using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Uplink;

/// <summary>What the uplink says.</summary>
internal static partial class UplinkLog
{
    [LoggerMessage(1201, LogLevel.Warning, "{Uplink}: {Problem} Next attempt in {Delay}.")]
    public static partial void WillRetry(ILogger log, string uplink, string problem, TimeSpan delay);

    [LoggerMessage(1202, LogLevel.Information, "{Uplink}: connected to {Gateway}.")]
    public static partial void Connected(ILogger log, string uplink, string gateway);

    [LoggerMessage(1203, LogLevel.Error,
        "The gateway rejected chunk {Chunk}: {Reason} It is kept in quarantine; the rest goes on.")]
    public static partial void Rejected(ILogger log, string chunk, string reason);

    [LoggerMessage(1210, LogLevel.Error,
        "Recording {Recording} in the spool is of vehicle {Other}, and this is {Vehicle}: it stays in the spool. "
        + "Start the recorder as {Other} to deliver it.")]
    public static partial void OtherVehicle(ILogger log, Guid recording, string other, string vehicle);

    [LoggerMessage(1205, LogLevel.Warning,
        "Chunk {Chunk} could not be read from the spool, {Times} times so far; others go before it.")]
    public static partial void CannotRead(ILogger log, string chunk, int times, Exception error);

    [LoggerMessage(1204, LogLevel.Error,
        "Chunk {Chunk} cannot be read from the spool and is counted as damaged.")]
    public static partial void Unreadable(ILogger log, string chunk, Exception error);
}
