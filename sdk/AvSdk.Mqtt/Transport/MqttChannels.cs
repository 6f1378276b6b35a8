using System.Net.Security;
using System.Net.Sockets;

namespace AvSdk.Mqtt.Transport;

/// <summary>Connects to the address of the options.</summary>
internal static class MqttChannels
{
    // Numbers of Linux' tcp(7).
    private const int TcpLevel = 6;
    private const int UserTimeoutOption = 18;
    private const int NotSentLowWaterOption = 25;

    public static async ValueTask<IMqttChannel> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        Uri address = options.Address!;
        if (MqttAddress.IsWebSocket(address))
            return await WebSocketChannel.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        Socket socket = await ConnectSocketAsync(
            options, address.IdnHost, MqttAddress.Port(address), cancellationToken).ConfigureAwait(false);
        if (!MqttAddress.IsTls(address))
            return new SocketChannel(socket);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(
                TlsOptions.For(address, options.Tls), cancellationToken).ConfigureAwait(false);
            return new TlsChannel(stream, socket);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public static async ValueTask<Socket> ConnectSocketAsync(
        MqttClientOptions options, string host, int port, CancellationToken cancellationToken)
    {
        // The kernel sizes the buffers by the link; small ones of our own would stall it.
        Socket socket = options.ConnectSocket is { } connect
            ? await connect(host, port, cancellationToken).ConfigureAwait(false)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (!socket.Connected)
                await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            // Not before: .NET 9 connects no socket to a name that has a raw option.
            SetLinuxOptions(socket, options);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetLinuxOptions(Socket socket, MqttClientOptions options)
    {
        if (!OperatingSystem.IsLinux())
            return;

        // A peer that acknowledges no segment for so long is gone, however much the buffers still take.
        int timeout = (int)options.PingTimeout.TotalMilliseconds;
        socket.SetRawSocketOption(TcpLevel, UserTimeoutOption, BitConverter.GetBytes(timeout));
        if (options.UnsentBytesMax is { } unsent)
            socket.SetRawSocketOption(TcpLevel, NotSentLowWaterOption, BitConverter.GetBytes(unsent));
    }
}
