using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Uplink;

namespace AvSdk;

/// <summary>The two ways to a recorder; what they give is the same <see cref="IRecorder"/>.</summary>
public static class Recorder
{
    /// <summary>Records through the agent that runs in the vehicle.</summary>
    /// <param name="address">The agent's socket, for example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="cancellationToken">Ends the connecting.</param>
    /// <exception cref="ArgumentException">No address of an agent.</exception>
    /// <exception cref="RecorderException">No agent answers there.</exception>
    public static Task<SocketRecorder> ConnectAsync(string address, CancellationToken cancellationToken) =>
        SocketRecorder.ConnectAsync(address, new SocketRecorderOptions(), cancellationToken);

    /// <summary>Records through the agent that runs in the vehicle.</summary>
    /// <param name="address">The agent's socket, for example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Ends the connecting.</param>
    /// <exception cref="ArgumentException">The address, or the options: the message names each
    /// problem.</exception>
    /// <exception cref="RecorderException">No agent answers there.</exception>
    public static Task<SocketRecorder> ConnectAsync(
        string address, SocketRecorderOptions options, CancellationToken cancellationToken) =>
        SocketRecorder.ConnectAsync(address, options, cancellationToken);

    /// <summary>Records in this process: spool, compression and upload are embedded.</summary>
    /// <param name="options">Vehicle, spool folder, lanes.</param>
    /// <param name="gateway">
    /// Where to send to: <c>http://host:port</c>, <c>https://host:port</c> or <c>unix:/path</c>; null keeps
    /// everything in the spool.
    /// </param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ArgumentException">No address of a gateway.</exception>
    /// <exception cref="RecorderException">The options, all problems at once; or the spool cannot be
    /// opened.</exception>
    public static ValueTask<LocalRecorder> OpenAsync(
        RecorderOptions options, string? gateway, CancellationToken cancellationToken) =>
        LocalRecorder.OpenAsync(
            options,
            new RecorderPorts { Uplink = gateway is null ? null : new GrpcUplink(gateway) },
            cancellationToken);

    /// <summary>Records in this process, and sends as a vehicle that is known by its certificate.</summary>
    /// <param name="options">Vehicle, spool folder, lanes.</param>
    /// <param name="gateway">Where to send to: <c>https://host:port</c>.</param>
    /// <param name="credentials">The vehicle's certificate, and whom it trusts.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ArgumentException">No address of a gateway with TLS.</exception>
    /// <exception cref="RecorderException">The options, all problems at once; or the spool cannot be
    /// opened.</exception>
    public static ValueTask<LocalRecorder> OpenAsync(
        RecorderOptions options, string gateway, AvCredentials credentials, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        GrpcUplink uplink = new(gateway, new GrpcUplinkOptions { Credentials = credentials });
        return LocalRecorder.OpenAsync(options, new RecorderPorts { Uplink = uplink }, cancellationToken);
    }

    /// <summary>Records in this process, with ports of the caller's: uplink, disk, clock, log.</summary>
    /// <param name="options">Vehicle, spool folder, lanes.</param>
    /// <param name="ports">What the recorder touches of the world.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="RecorderException">The options, all problems at once; or the spool cannot be
    /// opened.</exception>
    public static ValueTask<LocalRecorder> OpenAsync(
        RecorderOptions options, RecorderPorts ports, CancellationToken cancellationToken) =>
        LocalRecorder.OpenAsync(options, ports, cancellationToken);
}
