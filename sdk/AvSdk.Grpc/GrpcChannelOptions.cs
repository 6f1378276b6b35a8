using System.Net.Security;
using System.Net.Sockets;

namespace AvSdk.Grpc;

/// <summary>How a channel connects, and what it takes.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>What stands in each property's summary.</summary>
    public static GrpcChannelOptions Default { get; } = new();

    /// <summary>The largest message that is taken, bytes. Default: 4 MiB.</summary>
    public int ReceiveMessageBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>The largest message that is sent, bytes. Default: no limit but the peer's.</summary>
    public int SendMessageBytesMax { get; init; } = int.MaxValue - 64;

    /// <summary>How long connecting may take, the TLS handshake included. Default: 20 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A ping after this long without a frame of the peer, so that a dead link is found. Default: 30 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: never.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the answer to a ping may take before the connection counts as lost. Default: 20 s.
    /// </summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether to ping also while no call is under way. Default: false.</summary>
    public bool KeepAliveWithoutCalls { get; init; }

    /// <summary>
    /// Bytes of responses that the peer may send ahead of the reader, for each call; 65,535 bytes to 16 MiB.
    /// It bounds the memory of a call that is read slowly. Default: 4 MiB.
    /// </summary>
    public int StreamWindowBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Sent with each call. Default: none.</summary>
    public GrpcMetadata? Headers { get; init; }

    /// <summary>
    /// What goes before our own name in <c>user-agent</c>, for example <c>avagent/0.1.0</c>. Default: null.
    /// </summary>
    public string? UserAgent { get; init; }

    /// <summary>
    /// Certificates and trust for https. A <c>TargetHost</c> takes the place of the address's host in the certificate's
    /// check, in the handshake and in each request. Default: null, the system's trust and no client certificate.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>
    /// Connects to a host and a port, in place of a plain TCP connection; TLS is made over it. The channel closes the socket.
    /// Not for a Unix socket's address. Default: null.
    /// </summary>
    public Func<string, int, CancellationToken, ValueTask<Socket>>? ConnectSocket { get; init; }

    /// <summary>
    /// What sends the requests, in place of the channel's own: for tests. It stays the caller's to dispose,
    /// and the options about connections do not apply. Default: null.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; init; }

    /// <summary>The clock of timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Every problem, each naming the key, the value and the remedy; empty when there is none.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (ReceiveMessageBytesMax is < 1 or > int.MaxValue - 64)
            problems.Add(
                $"ReceiveMessageBytesMax is {ReceiveMessageBytesMax}: use 1 to {int.MaxValue - 64}.");
        if (SendMessageBytesMax is < 1 or > int.MaxValue - 64)
            problems.Add(
                $"SendMessageBytesMax is {SendMessageBytesMax}: use 1 to {int.MaxValue - 64}.");
        if (StreamWindowBytes is < 65_535 or > 16 * 1024 * 1024)
            problems.Add($"StreamWindowBytes is {StreamWindowBytes}: use 65535 to 16777216.");
        RequireDuration(problems, nameof(ConnectTimeout), ConnectTimeout, TimeSpan.Zero);
        RequireDuration(problems, nameof(KeepAlivePingDelay), KeepAlivePingDelay, TimeSpan.FromSeconds(1));
        RequireDuration(
            problems, nameof(KeepAlivePingTimeout), KeepAlivePingTimeout, TimeSpan.FromSeconds(1));
        return problems;
    }

    private static void RequireDuration(List<string> problems, string key, TimeSpan value, TimeSpan least)
    {
        bool isInfinite = value == System.Threading.Timeout.InfiniteTimeSpan;
        bool isInRange = value >= least && value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue;
        if (!isInfinite && !isInRange)
            problems.Add(
                $"{key} is {value}: use more than 0, at least {least}, or Timeout.InfiniteTimeSpan.");
    }
}
