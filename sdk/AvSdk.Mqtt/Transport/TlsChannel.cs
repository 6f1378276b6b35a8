using System.Net.Security;
using System.Net.Sockets;

namespace AvSdk.Mqtt.Transport;

/// <summary>TLS over TCP.</summary>
internal sealed class TlsChannel(SslStream stream, Socket socket) : IMqttChannel
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        => stream.ReadAsync(buffer, cancellationToken);

    public async ValueTask WriteAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        if (!head.IsEmpty)
            await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
        if (!tail.IsEmpty)
            await stream.WriteAsync(tail, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        await stream.ShutdownAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync()
    {
        // The socket first: disposing of the stream would wait for a write that the network does not take.
        socket.Dispose();
        return stream.DisposeAsync();
    }
}
