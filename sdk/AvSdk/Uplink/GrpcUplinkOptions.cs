using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Uplink;

/// <summary>How a <see cref="GrpcUplink"/> connects.</summary>
public sealed record GrpcUplinkOptions
{
    /// <summary>How long connecting may take, the TLS handshake included. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A ping after this long without a frame of the gateway, so that a dead link is found. Default: 10 s.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the answer to a ping may take before the link counts as lost. Default: 10 s.
    /// </summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The vehicle's certificate, and whom it trusts; for https alone. Default: null, no certificate of its own and the
    /// system's authorities.
    /// </summary>
    public AvCredentials? Credentials { get; init; }

    /// <summary>
    /// Sent with the call, for example what a proxy before the gateway asks for. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The clock of timeouts, and that certificates are held against. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it is told that credentials were replaced. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
