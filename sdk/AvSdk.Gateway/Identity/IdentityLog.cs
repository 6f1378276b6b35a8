using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Identity;

internal static partial class IdentityLog
{
    [LoggerMessage(7201, LogLevel.Warning, "{Remote} is refused: {Reason}")]
    public static partial void PeerRefused(ILogger logger, string remote, string reason);

    [LoggerMessage(7202, LogLevel.Information, "Identity: files were replaced; new connections use {What}")]
    public static partial void Replaced(ILogger logger, string what);

    [LoggerMessage(7203, LogLevel.Warning,
        "Identity: a file was replaced by one that cannot be used; what there was stays in force. {Problem}")]
    public static partial void Kept(ILogger logger, string problem);

    [LoggerMessage(7204, LogLevel.Error,
        "Nobody will take this gateway's certificate until it is replaced, which needs no restart: {Problem}")]
    public static partial void OwnCertificateIsNotGood(ILogger logger, string problem);

    [LoggerMessage(7205, LogLevel.Information,
        "{Remote} ({Peer}) made a TLS connection and left without a request: it may not take {Own}; its own log says why")]
    public static partial void LeftWithoutARequest(ILogger logger, string remote, string peer, string own);
}
