using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Web;

internal static partial class WebLog
{
    [LoggerMessage(7401, LogLevel.Information,
        "Export {Key}: {Chunks} chunks, {Messages} messages, {Bytes} bytes")]
    public static partial void ExportBuilt(ILogger logger, string key, int chunks, long messages, long bytes);

    [LoggerMessage(7402, LogLevel.Error, "An export failed")]
    public static partial void ExportFailed(ILogger logger, Exception failure);

    [LoggerMessage(7403, LogLevel.Warning, "Not ready: {Problems}")]
    public static partial void NotReady(ILogger logger, string problems);
}
