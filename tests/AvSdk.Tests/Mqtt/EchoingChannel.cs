using System.Threading.Tasks.Sources;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Tests.Mqtt;

/// <summary>
/// A server that accepts the connection and acknowledges every publication, without a socket and without allocating.
/// </summary>
internal sealed class EchoingChannel : IMqttChannel, IValueTaskSource<int>
{
    private readonly Lock _lock = new();
    private readonly PacketBuffer _input = new(1 << 20);
    private readonly byte[] _output = new byte[1 << 20];
    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private Memory<byte> _waiting;
    private bool _isWaiting;
    private int _outputBytes;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_outputBytes > 0)
                return ValueTask.FromResult(Give(buffer));
            _read.Reset();
            _waiting = buffer;
            _isWaiting = true;
            return new ValueTask<int>(this, _read.Version);
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Take(head);
            Take(tail);
            Wake();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask CloseAsync(CancellationToken cancellationToken) => DisposeAsync();

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isWaiting)
            {
                _isWaiting = false;
                _read.SetResult(0);
            }
        }

        return ValueTask.CompletedTask;
    }

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _read.OnCompleted(continuation, state, token, flags);

    private void Take(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> free = _input.GetFreeMemory();
            int taken = Math.Min(free.Length, bytes.Length);
            bytes[..taken].CopyTo(free);
            bytes = bytes[taken..];
            _input.Commit(taken);
            while (_input.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out _))
                Answer(header, body);
        }
    }

    private void Answer(in PacketHeader header, ReadOnlySpan<byte> body)
    {
        PacketReader input = new(body, 0);
        if (header.Type == PacketType.Connect)
        {
            ReadOnlySpan<byte> connack = [0x20, 3, 0, 0, 0];
            connack.CopyTo(_output);
            _outputBytes = connack.Length;
        }
        else if (header.Type == PacketType.Publish)
        {
            PublishPacket packet = PublishPacket.Read(ref input, header.Flags);
            if (packet.Qos > MqttQos.AtMostOnce)
                Put(packet.Qos == MqttQos.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec, packet.Id);
        }
        else if (header.Type == PacketType.Pubrel)
        {
            Put(PacketType.Pubcomp, AckPacket.Read(ref input, header.Type).Id);
        }
    }

    private void Put(PacketType type, ushort id)
        => _outputBytes += new AckPacket(type, id, MqttReasonCode.Success).Write(_output.AsSpan(_outputBytes));

    private void Wake()
    {
        if (!_isWaiting || _outputBytes == 0)
            return;
        _isWaiting = false;
        _read.SetResult(Give(_waiting));
    }

    private int Give(Memory<byte> buffer)
    {
        int bytes = Math.Min(buffer.Length, _outputBytes);
        _output.AsSpan(0, bytes).CopyTo(buffer.Span);
        _output.AsSpan(bytes, _outputBytes - bytes).CopyTo(_output);
        _outputBytes -= bytes;
        return bytes;
    }
}
