using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Admission;

internal static partial class AdmissionLog
{
    [LoggerMessage(7801, LogLevel.Warning,
        "{Sessions} upload sessions turned away since this was said last, for too many {Reason}; the last is {Vehicle}, told to "
        + "come back in {RetryAfter}")]
    public static partial void TurnedAway(
        ILogger logger, long sessions, string vehicle, TimeSpan retryAfter, string reason);

    [LoggerMessage(7802, LogLevel.Warning,
        "All {Places} places for queries are taken: others are turned away, the first for {RetryAfter}")]
    public static partial void QueryTurnedAway(ILogger logger, int places, TimeSpan retryAfter);
}
