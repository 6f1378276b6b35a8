using AvSdk.Mqtt.Transport;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Network;

namespace AvSdk.Simulation.Broker;

/// <summary>A TCP connection to the broker: bytes in order both ways, cut at any of them.</summary>
internal sealed class ByteConnection(VirtualClock clock, Link link, Life client, Random chance) : IConnection
{
    private const int PieceBytesMax = 32 << 10;

    private readonly Pipe _up = new(clock, link, isStream: true);
    private readonly Pipe _down = new(clock, link, isStream: true);
    private readonly CancellationTokenSource _brokerLost = new();

    public Life Client => client;

    public bool IsCut { get; private set; }

    public IMqttChannel ClientEnd => new Channel(this);

    public void Cut(bool losesUp, bool losesDown, TimeSpan? clientLearns, TimeSpan? serverLearns)
    {
        if (IsCut)
            return;
        IsCut = true;
        Pipe.CutBoth(clock, _up, _down, losesUp, losesDown, clientLearns, new IOException("the link was cut"));
        if (serverLearns is { } afterServer)
            clock.After(afterServer, _brokerLost.Cancel);
    }

    /// <summary>The next bytes; null: the client has closed.</summary>
    public ValueTask<byte[]?> BrokerReceiveAsync() => _up.ReceiveAsync(_brokerLost.Token);

    public ValueTask BrokerSendAsync(byte[] bytes) => SendAsync(_down, bytes, _brokerLost.Token);

    /// <summary>The broker has nothing more to say, and does not listen.</summary>
    public void BrokerClose()
    {
        _down.Close();
        _up.FailSender(new IOException("the broker closed the connection"));
    }

    // Broken anywhere: packets come in pieces.
    private async ValueTask SendAsync(Pipe pipe, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int piece = Math.Min(bytes.Length, 1 + chance.Next(PieceBytesMax));
            await pipe.SendAsync(bytes[..piece].ToArray(), cancellationToken);
            bytes = bytes[piece..];
        }
    }

    private sealed class Channel(ByteConnection connection) : IMqttChannel
    {
        private ReadOnlyMemory<byte> _left;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (_left.IsEmpty)
                _left = await connection._down.ReceiveAsync(cancellationToken);
            await connection.ClientIsAliveAsync();
            int bytes = Math.Min(_left.Length, buffer.Length);
            _left[..bytes].CopyTo(buffer);
            _left = _left[bytes..];
            return bytes;
        }

        public async ValueTask WriteAsync(
            ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
        {
            await connection.ClientIsAliveAsync();
            await connection.SendAsync(connection._up, head, cancellationToken);
            await connection.SendAsync(connection._up, tail, cancellationToken);
            await connection.ClientIsAliveAsync();
        }

        public ValueTask CloseAsync(CancellationToken cancellationToken) => DisposeAsync();

        public ValueTask DisposeAsync()
        {
            if (!connection.Client.IsOver)
                connection._up.Close();
            return ValueTask.CompletedTask;
        }
    }

    private Task ClientIsAliveAsync() => client.IsOver ? Life.Never : Task.CompletedTask;
}
