using System.Net.Sockets;

namespace AvSdk.Mqtt.Transport;

/// <summary>Plain TCP.</summary>
internal sealed class SocketChannel(Socket socket) : IMqttChannel
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        => socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public async ValueTask WriteAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        while (!head.IsEmpty)
            head = head[await socket.SendAsync(head, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        while (!tail.IsEmpty)
            tail = tail[await socket.SendAsync(tail, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    public ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
