using Microsoft.Extensions.Logging;

namespace AvSdk.Grpc.Server.Calls;

internal static partial class GrpcServerLog
{
    [LoggerMessage(
        EventId = 5001,
        Level = LogLevel.Error,
        Message = "The handler of {Method} failed; its caller at {Peer} was told INTERNAL.")]
    public static partial void HandlerFailed(
        this ILogger logger, Exception exception, string method, string peer);
}
