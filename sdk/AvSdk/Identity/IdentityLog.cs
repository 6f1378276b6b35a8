using Microsoft.Extensions.Logging;

namespace AvSdk.Identity;

/// <summary>What becomes of credentials; event ids 300 to 399.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(300, LogLevel.Information, "Identity: files were replaced; new connections use {what}")]
    public static partial void Replaced(ILogger logger, string what);

    [LoggerMessage(301, LogLevel.Warning,
        "Identity: a file was replaced by one that cannot be used; what there was stays in force. {problem}")]
    public static partial void Kept(ILogger logger, string problem);
}
