using System.Collections.Concurrent;
using AvSdk.Agent.Configuration;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Logging;

/// <summary>
/// Writes each log entry as one line to a writer: for people, or as JSON. The framework's console provider
/// would add a thread, a queue and options binding to a process that logs a few lines an hour.
/// </summary>
[ProviderAlias("Line")]
internal sealed class LineLoggerProvider(
    TextWriter output, LogFormat format, LogLevel level, TimeProvider time) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, LineLogger> _loggers = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, static (name, provider) => new LineLogger(name, provider), this);

    public void Dispose()
    {
        lock (_writing)
            output.Flush();
    }

    private bool IsEnabled(LogLevel asked) => asked != LogLevel.None && asked >= level;

    private void Write(in LogLine line)
    {
        string text = format == LogFormat.Json ? line.ToJson() : line.ToText();
        lock (_writing)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    private sealed class LineLogger(string category, LineLoggerProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => provider.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            string message = formatter(state, exception);
            provider.Write(new LogLine(provider.Now, logLevel, category, eventId, message, exception));
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
