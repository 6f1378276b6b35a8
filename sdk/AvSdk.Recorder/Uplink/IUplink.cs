using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// A way to a gateway: gRPC, MQTT, or a simulated network. A thin port: it carries messages and no policy.
/// </summary>
public interface IUplink
{
    /// <summary>For people: <c>grpc http://127.0.0.1:7443</c>.</summary>
    string Name { get; }

    /// <summary>Connects. The session is the caller's to dispose.</summary>
    /// <exception cref="UplinkException">The gateway is not there, or refuses.</exception>
    ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken);
}

/// <summary>One connection. One sender and one reader at a time, which may be different tasks.</summary>
public interface IUplinkSession : IAsyncDisposable
{
    /// <summary>
    /// Sends a message; returns when the link takes it, which is its flow control.
    /// The message is borrowed until the task ends.
    /// </summary>
    /// <exception cref="UplinkException">The link is gone.</exception>
    ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken);

    /// <summary>The next message of the gateway; null when it closed the connection in order.</summary>
    /// <exception cref="UplinkException">The link is gone.</exception>
    ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken);
}
