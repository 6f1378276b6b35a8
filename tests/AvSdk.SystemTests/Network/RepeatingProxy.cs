using System.Net.Sockets;

namespace AvSdk.SystemTests.Network;

/// <summary>
/// Between a car and its broker: passes every publication of the car on twice, the second time as a duplicate (MQTT 5, section
/// 3.3.1.1), and keeps the second acknowledgement to itself.
/// </summary>
internal sealed class RepeatingProxy : IAsyncDisposable
{
    private const int Publish = 3, Acknowledgement = 4;
    private const byte Duplicate = 0x08, AtLeastOnce = 0x02;

    private readonly Socket _listener;
    private readonly string _broker;
    private readonly int _brokerPort;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;
    private int _repeated;

    private RepeatingProxy(Socket listener, string broker, int brokerPort)
    {
        (_listener, _broker, _brokerPort) = (listener, broker, brokerPort);
        _serving = ServeAsync();
    }

    /// <summary>Publications that went twice.</summary>
    public int Repeated => Volatile.Read(ref _repeated);

    public static RepeatingProxy At(NetworkLab lab, int port, int brokerPort) =>
        new(lab.Listen(port), lab.ManagementAddress, brokerPort);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _serving;
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> links = [];
        try
        {
            while (true)
                links.Add(CarryAsync(await _listener.AcceptAsync(_ending.Token)));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end of the test.
        }

        await Task.WhenAll(links);
    }

    private async Task CarryAsync(Socket car)
    {
        using Socket broker = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (car)
        {
            car.NoDelay = true;
            try
            {
                await broker.ConnectAsync(_broker, _brokerPort, _ending.Token);
                await using NetworkStream fromCar = new(car), fromBroker = new(broker);
                HashSet<ushort> acknowledged = [];
                await Task.WhenAny(
                    PassOnAsync(fromCar, fromBroker, RepeatAsync),
                    PassOnAsync(fromBroker, fromCar, (packet, to) => FilterAsync(packet, to, acknowledged)));
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // One end is gone, and with this the other.
            }
        }
    }

    private async Task RepeatAsync(byte[] packet, NetworkStream to)
    {
        await to.WriteAsync(packet, _ending.Token);
        if (packet[0] >> 4 != Publish || (packet[0] & 0x06) != AtLeastOnce)
            return;
        packet[0] |= Duplicate;
        await to.WriteAsync(packet, _ending.Token);
        Interlocked.Increment(ref _repeated);
    }

    // Of each identifier in use there are two, in order: the first is the car's.
    private async Task FilterAsync(byte[] packet, NetworkStream to, HashSet<ushort> acknowledged)
    {
        if (packet[0] >> 4 == Acknowledgement)
        {
            int at = HeaderBytes(packet);
            ushort id = (ushort)((packet[at] << 8) | packet[at + 1]);
            if (acknowledged.Remove(id))
                return;
            acknowledged.Add(id);
        }

        await to.WriteAsync(packet, _ending.Token);
    }

    private async Task PassOnAsync(NetworkStream from, NetworkStream to, Func<byte[], NetworkStream, Task> pass)
    {
        try
        {
            while (await ReadPacketAsync(from) is { } packet)
                await pass(packet, to);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other way ends too.
        }
    }

    private async Task<byte[]?> ReadPacketAsync(NetworkStream from)
    {
        byte[] header = new byte[5];
        int bytes = 0;
        int length = 0;
        do
        {
            if (await from.ReadAsync(header.AsMemory(bytes, 1), _ending.Token) == 0)
                return null;
            if (bytes > 0)
                length |= (header[bytes] & 0x7F) << (7 * (bytes - 1));
            bytes++;
        }
        while (bytes == 1 || (header[bytes - 1] & 0x80) != 0);
        byte[] packet = new byte[bytes + length];
        header.AsSpan(0, bytes).CopyTo(packet);
        await from.ReadExactlyAsync(packet.AsMemory(bytes), _ending.Token);
        return packet;
    }

    private static int HeaderBytes(byte[] packet)
    {
        int at = 1;
        while ((packet[at++] & 0x80) != 0)
            continue;
        return at;
    }
}
