using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Ingestion;

/// <summary>How an <see cref="IngestSocketServer"/> behaves.</summary>
public sealed record IngestSocketOptions
{
    private const int SocketPathBytesMax = 107;

    /// <summary>
    /// Where it listens: an absolute path of at most 107 bytes. A socket left over there is replaced.
    /// </summary>
    public required string SocketPath { get; init; }

    /// <summary>Who may connect. Default: owner and group (0660).</summary>
    public UnixFileMode SocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// What happens to a plain stream's message when the recorder is full. SDK clients keep their messages in
    /// memory of their own, and are always made to wait. Default: wait.
    /// </summary>
    public IngestWhenFull WhenFull { get; init; } = IngestWhenFull.Wait;

    /// <summary>Connections at a time; more are closed at once. Default: 64.</summary>
    public int ConnectionsMax { get; init; } = 64;

    /// <summary>
    /// The longest record, and the largest chunk decompressed, bytes: memory of a connection. Default: 64
    /// MiB.
    /// </summary>
    public int RecordBytesMax { get; init; } = 64 << 20;

    /// <summary>How often a client is told, at most, what became durable. Default: 20 ms.</summary>
    public TimeSpan DurableInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long stopping takes what writers have handed to the kernel already. Default: 1 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The agent's status as JSON in UTF-8, for who asks (<see cref="AgentStatus"/>). Default: <c>{}</c>.
    /// </summary>
    public Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> Status { get; init; } =
        static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>("{}"u8.ToArray());

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
        int pathBytes = System.Text.Encoding.UTF8.GetByteCount(SocketPath);
        Require(SocketPath.StartsWith('/'), nameof(SocketPath), SocketPath,
            "an absolute path, as /run/avagent/ingest.sock");
        Require(pathBytes <= SocketPathBytesMax, nameof(SocketPath), SocketPath,
            $"at most {SocketPathBytesMax} bytes long, which is the kernel's limit");
        Require(ConnectionsMax > 0, nameof(ConnectionsMax), ConnectionsMax, "1 or more");
        Require(RecordBytesMax is >= 4096 and <= 1 << 30, nameof(RecordBytesMax), RecordBytesMax,
            "4096 to 1073741824");
        Require(DurableInterval > TimeSpan.Zero, nameof(DurableInterval), DurableInterval, "longer than 0");
        Require(DrainTimeout >= TimeSpan.Zero, nameof(DrainTimeout), DrainTimeout, "0 or longer");
        return problems;

        void Require(bool holds, string key, object? value, string remedy)
        {
            if (!holds)
                problems.Add(FormattableString.Invariant($"{key} is {value}: make it {remedy}."));
        }
    }
}
