using System.Net.Sockets;
using System.Net.WebSockets;

namespace AvSdk.Mqtt.Transport;

/// <summary>
/// MQTT in the binary messages of a WebSocket (MQTT 5, section 6): where a message ends says nothing of where a
/// packet does.
/// </summary>
internal sealed class WebSocketChannel(ClientWebSocket socket, HttpMessageInvoker invoker) : IMqttChannel
{
    private const string SubProtocol = "mqtt";

    public static async ValueTask<IMqttChannel> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        Uri address = options.Address!;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !address.IsLoopback,
            SslOptions = TlsOptions.For(address, options.Tls),
            ConnectCallback = async (context, token) =>
            {
                Socket connected = await MqttChannels.ConnectSocketAsync(
                    options, context.DnsEndPoint.Host, context.DnsEndPoint.Port, token).ConfigureAwait(false);
                return new NetworkStream(connected, ownsSocket: true);
            },
        };
        HttpMessageInvoker invoker = new(handler);
        ClientWebSocket socket = new();
        try
        {
            socket.Options.AddSubProtocol(SubProtocol);
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            if (socket.SubProtocol != SubProtocol)
                throw new WebSocketException($"The server did not choose the subprotocol {SubProtocol} (MQTT 5, 6.0.0-3).");
            return new WebSocketChannel(socket, invoker);
        }
        catch
        {
            socket.Dispose();
            invoker.Dispose();
            throw;
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            ValueWebSocketReceiveResult read = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read.MessageType == WebSocketMessageType.Close)
                return 0;
            if (read.MessageType != WebSocketMessageType.Binary)
                throw new WebSocketException("A text message came: MQTT is binary (MQTT 5, 6.0.0-1).");
            if (read.Count > 0)
                return read.Count;
        }
    }

    public async ValueTask WriteAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        if (!head.IsEmpty)
        {
            await socket.SendAsync(head, WebSocketMessageType.Binary, tail.IsEmpty, cancellationToken)
                .ConfigureAwait(false);
        }

        if (!tail.IsEmpty)
            await socket.SendAsync(tail, WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
        => await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        invoker.Dispose();
        return ValueTask.CompletedTask;
    }
}
