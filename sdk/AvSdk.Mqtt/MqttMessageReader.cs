using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AvSdk.Mqtt;

/// <summary>
/// The messages that arrive, in order. Bounded: QoS 1 and 2 by the receive maximum, QoS 0 by the options. Any
/// number of consumers may take from it, each message goes to one.
/// </summary>
/// <remarks>
/// When the connection ends, what of QoS 1 and 2 was not taken is dropped, since the server sends it again; QoS 0 can
/// still be taken.
/// </remarks>
public sealed class MqttMessageReader
{
    private readonly Channel<MqttMessage> _channel = Channel.CreateUnbounded<MqttMessage>();
    private readonly MqttClientOptions _options;
    private readonly MqttSession _session;
    private long _waitingMessages;
    private long _waitingBytes;
    private long _dropped;
    private bool _hasEnded;

    internal MqttMessageReader(MqttClientOptions options, MqttSession session)
    {
        _options = options;
        _session = session;
    }

    /// <summary>Messages of QoS 0 that were dropped since nobody took them.</summary>
    public long DroppedMessages => Interlocked.Read(ref _dropped);

    internal bool HasRoom
        => Interlocked.Read(ref _waitingMessages) < _options.WaitingMessagesMax
            && Interlocked.Read(ref _waitingBytes) < _options.WaitingBytesMax;

    /// <summary>Takes the next message, if there is one; it is the caller's to dispose of.</summary>
    public bool TryRead(out MqttMessage message)
    {
        while (_channel.Reader.TryRead(out message!))
        {
            if (message.Qos == MqttQos.AtMostOnce)
            {
                Interlocked.Decrement(ref _waitingMessages);
                Interlocked.Add(ref _waitingBytes, -message.Payload.Length);
                _session.Room.Set();
                return true;
            }

            if (Take(message))
                return true;
        }

        return false;
    }

    /// <summary>The next message; it is the caller's to dispose of. Null: this end closed the connection.</summary>
    /// <exception cref="MqttException">The connection ended otherwise, and all that was left is taken.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    public async ValueTask<MqttMessage?> ReadAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            if (TryRead(out MqttMessage message))
                return message;
        }
        while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));

        return null;
    }

    /// <summary>All messages, until this end closes the connection; each is the caller's to dispose of.</summary>
    /// <exception cref="MqttException">The connection ended otherwise.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<MqttMessage> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
            yield return message;
    }

    internal void Add(MqttMessage message)
    {
        if (message.Qos == MqttQos.AtMostOnce)
        {
            if (!HasRoom && _options.WhenFull == MqttWhenFull.DropNewest)
            {
                Interlocked.Increment(ref _dropped);
                message.Dispose();
                return;
            }

            Interlocked.Increment(ref _waitingMessages);
            Interlocked.Add(ref _waitingBytes, message.Payload.Length);
        }

        _channel.Writer.TryWrite(message);
    }

    /// <summary>From now on no message of QoS 1 or 2 can be taken. Under the session's lock.</summary>
    internal void Stop() => _hasEnded = true;

    internal void End(MqttException? failure)
    {
        _channel.Writer.TryComplete(failure);
    }

    // Whether it was still to be had; then it is acknowledged, where that is automatic.
    private bool Take(MqttMessage message)
    {
        bool isHad;
        lock (_session.Gate)
            isHad = message.IsTaken = !_hasEnded;
        if (!isHad)
            message.Dispose();
        else if (_options.Acknowledgement == MqttAcknowledgement.Automatic)
            message.Acknowledge();
        return isHad;
    }
}
