using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Links;

/// <summary>What is said of links.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(1401, LogLevel.Information, "Link {Link} ({Class}) is used from now on.")]
    public static partial void Used(ILogger log, string link, string @class);

    [LoggerMessage(1402, LogLevel.Warning, "No link may be used: {Why}")]
    public static partial void NoneUsed(ILogger log, string why);

    [LoggerMessage(1403, LogLevel.Warning,
        "What links have spent cannot be written to {File}: links with a budget carry nothing until the disk takes it.")]
    public static partial void CannotWrite(ILogger log, string file, Exception error);

    [LoggerMessage(1404, LogLevel.Error,
        "{File} is damaged: what links have spent today and this month is not known, and counts from 0.")]
    public static partial void Damaged(ILogger log, string file);

    [LoggerMessage(1405, LogLevel.Warning,
        "What links have spent cannot be read from {File}: links with a budget carry nothing until the disk gives it.")]
    public static partial void CannotRead(ILogger log, string file, Exception error);
}
