using AvSdk.Simulation.Clock;
using Microsoft.Extensions.Logging;

namespace AvSdk.Simulation;

/// <summary>What the product says goes into the trace; some of it the oracle wants to know.</summary>
internal sealed class TraceLog(World world, string who, Life life) : ILoggerFactory, ILogger
{
    private const int Evicted = 1101;
    private const int Rejected = 1203;
    private const int Unreadable = 1204;
    private const int CompressionFailed = 1113;
    private const int CommitterFailed = 7106;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (life.IsOver)
            return;
        if (world.Trace.IsWritten)
            world.Trace.Tell(who, $"[{eventId.Id}] {formatter(state, exception)} {exception?.Message}".TrimEnd());
        switch (eventId.Id)
        {
            case Evicted:
                world.Oracle.Evicting(who, Value(state, "Segment"));
                break;
            // What a memory lane sealed is in nobody's word: a power cut leaves what it likes of it.
            case Rejected or Unreadable when world.Oracle.Rotten.Count == 0 && world.Oracle.RottenPositions.Count == 0
                && !Value(state, "Chunk").Contains("/raw/", StringComparison.Ordinal):
                world.Oracle.Unexplained($"{who}: {formatter(state, exception)} {exception?.Message}");
                break;
            case CompressionFailed or CommitterFailed:
                world.Oracle.Unexplained($"{who}: {formatter(state, exception)} {exception}");
                break;
            default:
                break;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private static string Value<TState>(TState state, string name) =>
        (state as IReadOnlyList<KeyValuePair<string, object?>>)?
            .FirstOrDefault(pair => pair.Key == name).Value?.ToString() ?? "";
}
