using Microsoft.Extensions.Logging;

namespace AvSdk.Ingestion;

internal static partial class IngestLog
{
    [LoggerMessage(100, LogLevel.Warning,
        "The agent at {Path} was lost, {Messages} messages wait in memory: {Reason}")]
    public static partial void AgentLost(ILogger logger, string path, ulong messages, string reason);

    [LoggerMessage(101, LogLevel.Warning, "No connection to the agent at {Path}, goes on trying: {Reason}")]
    public static partial void AgentNotThere(ILogger logger, string path, string reason);

    [LoggerMessage(102, LogLevel.Error, "The agent does not take {Topic}: {Reason}")]
    public static partial void ChannelRefused(ILogger logger, string topic, string reason);

    [LoggerMessage(103, LogLevel.Error,
        "Stopped with {Messages} messages that the agent had not made durable within {Timeout}; they are "
            + "lost. {Reason}")]
    public static partial void StoppedBeforeDurable(
        ILogger logger, ulong messages, TimeSpan timeout, string reason);

    [LoggerMessage(104, LogLevel.Error, "The connection to the agent at {Path} failed; it is made again")]
    public static partial void AgentConnectionFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(105, LogLevel.Warning, "The agent does not take mark {Name}: {Reason}")]
    public static partial void MarkRefused(ILogger logger, string name, string reason);

    [LoggerMessage(110, LogLevel.Information, "Takes messages at {Path}")]
    public static partial void Listening(ILogger logger, string path);

    [LoggerMessage(111, LogLevel.Error, "Closed connection {Connection} at {Path} for its stream: {Reason}")]
    public static partial void StreamRefused(ILogger logger, long connection, string path, string reason);

    [LoggerMessage(112, LogLevel.Warning,
        "Connection {Connection} at {Path} ended in the middle of a record, at byte {Offset}; what came "
            + "before is recorded")]
    public static partial void StreamCut(ILogger logger, long connection, string path, long offset);

    [LoggerMessage(113, LogLevel.Warning,
        "Refused a connection at {Path}: there are {Connections}, the limit ConnectionsMax")]
    public static partial void TooManyConnections(ILogger logger, string path, int connections);

    [LoggerMessage(114, LogLevel.Information,
        "Connection {Connection} at {Path}: {Software}, source {SourceId}")]
    public static partial void SourceConnected(
        ILogger logger, long connection, string path, string software, Guid sourceId);

    [LoggerMessage(115, LogLevel.Information,
        "Connection {Connection} at {Path} ended after {Messages} messages")]
    public static partial void ConnectionEnded(ILogger logger, long connection, string path, long messages);

    [LoggerMessage(116, LogLevel.Error, "Connection {Connection} at {Path} failed")]
    public static partial void ConnectionFailed(
        ILogger logger, long connection, string path, Exception exception);

    [LoggerMessage(117, LogLevel.Warning, "Accepting at {Path} failed, goes on: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, string path, string reason);

    [LoggerMessage(118, LogLevel.Error,
        "Connection {Connection} at {Path}: a channel is not taken: {Reason}")]
    public static partial void ChannelNotTaken(ILogger logger, long connection, string path, string reason);
}
