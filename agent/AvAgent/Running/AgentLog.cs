using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Running;

/// <summary>What the agent itself has to say; event ids 9000 to 9099.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(9000, LogLevel.Warning,
        "Sends to {address} without encryption and without knowing who answers: gateway.allowPlaintext is true")]
    public static partial void SendsPlaintext(ILogger logger, string address);

    [LoggerMessage(9002, LogLevel.Information,
        "The source {source} has ended: {messages} messages, {dropped} dropped")]
    public static partial void SourceEnded(ILogger logger, string source, ulong messages, ulong dropped);

    [LoggerMessage(9003, LogLevel.Error, "The source {source} has failed; the others go on")]
    public static partial void SourceFailed(ILogger logger, string source, Exception exception);

    [LoggerMessage(9004, LogLevel.Error,
        "The recorder stands still: {memoryBytes} bytes in memory get to no chunk. The watchdog hears nothing more")]
    public static partial void Stands(ILogger logger, long memoryBytes);

    [LoggerMessage(9006, LogLevel.Information, "The configuration {file} was read again and is in force")]
    public static partial void Reconfigured(ILogger logger, string file);

    [LoggerMessage(9007, LogLevel.Error,
        "The configuration {file} was read again and is refused: {problems} problems. The old one stays in force")]
    public static partial void ConfigurationRefused(ILogger logger, string file, int problems);

    [LoggerMessage(9008, LogLevel.Error, "Configuration: {problem}")]
    public static partial void ConfigurationProblem(ILogger logger, string problem);

    [LoggerMessage(9009, LogLevel.Warning,
        "Connects to {address} without a certificate of its own: a gateway that knows vehicles by theirs refuses it. "
        + "Set gateway.tls.certificateFile and gateway.tls.keyFile")]
    public static partial void HasNoCertificate(ILogger logger, string address);

    [LoggerMessage(9010, LogLevel.Warning,
        "The gateway will not take this vehicle's certificate; recording goes on, and the files may be replaced at any "
        + "time. {problem}")]
    public static partial void CertificateIsNotGood(ILogger logger, string problem);

    [LoggerMessage(9005, LogLevel.Information,
        "Stops: sources first, then what was accepted is flushed and sealed")]
    public static partial void Stops(ILogger logger);
}
