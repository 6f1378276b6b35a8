using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Ingestion;

/// <summary>How a <see cref="SocketRecorder"/> behaves.</summary>
public sealed record SocketRecorderOptions
{
    /// <summary>
    /// What the agent's log calls this process, for example <c>camera-driver/1.2.0</c>. Default:
    /// <c>avsdk</c>.
    /// </summary>
    public string Software { get; init; } = "avsdk";

    /// <summary>
    /// Memory for messages that are not durable in the agent yet, bytes; at least 64 KiB. When it is full,
    /// messages are dropped and counted. It should hold what is written in the longest chunk window and
    /// durability interval of the lanes in use, by default 1.2 s. Default: 64 MiB.
    /// </summary>
    public long MemoryBytesMax { get; init; } = 64L << 20;

    /// <summary>
    /// The largest payload, bytes; at most half of the memory. The agent's own limit holds as well. Default:
    /// 16 MiB.
    /// </summary>
    public int MessageBytesMax { get; init; } = 16 << 20;

    /// <summary>How long the agent may take to answer at the start. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// True: connecting does not wait for the agent; messages are kept in memory until it is there. Default:
    /// false.
    /// </summary>
    public bool StartsWithoutAgent { get; init; }

    /// <summary>The first wait before connecting again; it doubles, with jitter. Default: 50 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait before connecting again. Default: 2 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long disposing waits until what was accepted is durable. Default: 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// All that is wrong with the options, each with the key, the value and the remedy; empty: nothing.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        Require(Software.Length is > 0 and <= 256, nameof(Software), Software, "1 to 256 characters");
        Require(MemoryBytesMax >= 64 << 10, nameof(MemoryBytesMax), MemoryBytesMax, "65536 or more");
        Require(MessageBytesMax > 0 && MessageBytesMax <= MemoryBytesMax / 2, nameof(MessageBytesMax),
            MessageBytesMax,
            "more than 0, and at most half of MemoryBytesMax");
        Require(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), ConnectTimeout, "longer than 0");
        Require(RetryDelay > TimeSpan.Zero, nameof(RetryDelay), RetryDelay, "longer than 0");
        Require(RetryDelayMax >= RetryDelay, nameof(RetryDelayMax), RetryDelayMax, "RetryDelay or longer");
        Require(StopTimeout >= TimeSpan.Zero, nameof(StopTimeout), StopTimeout, "0 or longer");
        return problems;

        void Require(bool holds, string key, object? value, string remedy)
        {
            if (!holds)
                problems.Add(FormattableString.Invariant($"{key} is {value}: make it {remedy}."));
        }
    }
}
