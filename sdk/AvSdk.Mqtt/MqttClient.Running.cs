using AvSdk.Mqtt.Packets;
using AvSdk.Mqtt.Session;

namespace AvSdk.Mqtt;

// The life of a connection: a loop that reads, one that writes (MqttClient.Writing.cs), a timer, and the end of all three.
public sealed partial class MqttClient
{
    private static readonly TimeSpan s_tickMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending;
    private readonly TaskCompletionSource<MqttException> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start;
    private ITimer? _timer;
    private volatile MqttException? _failure;
    private bool _isHeldBack;
    private TimeSpan _heldBackSince;

    private enum Step
    {
        /// <summary>More bytes are needed.</summary>
        Read,

        /// <summary>There is no room for what came: wait.</summary>
        HoldBack,

        /// <summary>An AUTH is to be answered.</summary>
        Authenticate,

        /// <summary>The connection has ended.</summary>
        End,
    }

    // Asked under the lock.
    private bool MustHoldBack
        => _session.Core.IsOverfull || (_options.WhenFull == MqttWhenFull.Wait && !Messages.HasRoom);

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    private void Start()
    {
        lock (_session.Gate)
        {
            _session.ClientId = ClientId;
            _session.WasConnected = true;
            _session.Core.Attach(Server, _options, SessionPresent, Now);
        }

        TimeSpan interval = _session.Core.TickInterval;
        if (interval < s_tickMin)
            interval = s_tickMin;
        _timer = _options.TimeProvider.CreateTimer(
            static client => ((MqttClient)client!).Tick(), this, interval, interval);
        _ending.Token.UnsafeRegister(static session => ((MqttSession)session!).Output.Set(), _session);
        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        Task reading = ReadAsync();
        Task writing = WriteAsync();
        await Task.WhenAny(reading, writing).ConfigureAwait(false);

        // The other loop may have a last word to say or to hear; then nothing runs any more.
        using (CancellationTokenSource farewell = new(s_farewell, _options.TimeProvider))
        {
            await Task.WhenAll(reading, writing).WaitAsync(farewell.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        // What closing meets says nothing beyond the reason that is known.
        await _channel.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(reading, writing).ConfigureAwait(false);
        await _timer!.DisposeAsync().ConfigureAwait(false);
        _buffer.Dispose();
        MqttException failure = _failure!;
        lock (_session.Gate)
        {
            Messages.Stop();
            _session.Core.Detach(failure);
            TellWritten();
            if (!_isCarried)
                _session.Core.Outgoing.EndAll();

            // Before anybody is told: whoever hears of the end may connect again at once.
            _session.Unclaim();
        }

        _authentication?.TrySetException(failure);
        Messages.End(failure.Failure == MqttFailure.ClosedByCaller ? null : failure);
        _ending.Dispose();
        _closed.TrySetResult(failure);
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                switch (Process(out EndPacket? auth))
                {
                    case Step.Read:
                        int bytes = await _channel.ReadAsync(_buffer.GetFreeMemory(), _ending.Token).ConfigureAwait(false);
                        if (bytes == 0)
                            throw new IOException("the server closed the connection without a DISCONNECT");
                        _buffer.Commit(bytes);
                        break;
                    case Step.HoldBack:
                        await HoldBackAsync().ConfigureAwait(false);
                        break;
                    case Step.Authenticate:
                        await AnswerAsync(auth!).ConfigureAwait(false);
                        break;
                    default:
                        await HearOutAsync().ConfigureAwait(false);
                        return;
                }
            }
        }
        catch (MqttException e)
        {
            Fail(e);
        }
        catch (Exception e)
        {
            Fail(Lost(e));
        }
    }

    // What comes after the last word means nothing, but left unread it would make the close a reset, and that could take
    // our own last word along.
    private async ValueTask HearOutAsync()
    {
        _ending.CancelAfter(s_farewell);
        while (await _channel.ReadAsync(_buffer.GetFreeMemory(), _ending.Token).ConfigureAwait(false) > 0)
        {
        }
    }

    // Everything that came whole, under one lock.
    private Step Process(out EndPacket? auth)
    {
        auth = null;
        Step step = Step.Read;
        bool hasOutput;
        lock (_session.Gate)
        {
            _session.Core.Heard(Now);
            PacketError error = default;
            while (step == Step.Read && _buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out error))
            {
                if (header.Type == PacketType.Publish)
                    step = ReceivePublish(header, body, out error);
                else if (header.Type is PacketType.Disconnect or PacketType.Auth)
                    step = ReceiveEnd(header, body, out auth, out error);
                else
                    error = _session.Core.Receive(header, body);
                if (error.IsError)
                    break;
            }

            if (error.IsError)
            {
                step = Step.End;
                RefuseToGoOn(error);
            }

            hasOutput = _session.Core.HasOutput;
        }

        if (hasOutput)
            _session.Output.Set();
        return step;
    }

    private Step ReceivePublish(in PacketHeader header, ReadOnlySpan<byte> body, out PacketError error)
    {
        MqttMessage? message = _session.Core.ReceivePublish(header, body, _session, out int payloadBytes, out error);
        if (message is null)
            return Step.Read;
        message.SetPayload(_buffer.TakePayload(payloadBytes));
        Messages.Add(message);
        return MustHoldBack ? Step.HoldBack : Step.Read;
    }

    private Step ReceiveEnd(in PacketHeader header, ReadOnlySpan<byte> body, out EndPacket? auth, out PacketError error)
    {
        PacketReader input = new(body, header.HeaderBytes);
        EndPacket? packet = EndPacket.Read(ref input, header.Type);
        error = input.Error;
        auth = null;
        if (packet is null)
            return Step.End;
        if (packet.Type == PacketType.Disconnect)
        {
            _failure ??= EndedByServer(_options, packet);
            _session.Core.SendDisconnect([], now: true);
            return Step.End;
        }

        auth = packet;
        return Step.Authenticate;
    }

    private async ValueTask HoldBackAsync()
    {
        lock (_session.Gate)
            _heldBackSince = Now;
        while (!_ending.IsCancellationRequested)
        {
            lock (_session.Gate)
            {
                _isHeldBack = MustHoldBack;
                if (!_isHeldBack)
                    return;
            }

            await _session.Room.WaitAsync().ConfigureAwait(false);
        }
    }

    private void Tick()
    {
        KeepAliveStep step;
        bool isStuck;
        lock (_session.Gate)
        {
            // While nothing is read, nothing can be heard.
            if (_isHeldBack)
                _session.Core.Heard(Now);
            step = _session.Core.Tick(Now);

            // A consumer that acknowledges only after a publication of its own would wait for ever.
            isStuck = _isHeldBack && _session.Core.IsOverfull && _session.Core.Outgoing.AwaitsAnswer
                && Now - _heldBackSince >= _options.PingTimeout;
        }

        if (isStuck)
        {
            Fail(Bad(_options, new PacketError(
                MqttReasonCode.ReceiveMaximumExceeded, 0,
                "more than our receive maximum (3.3.4-9), and more than UnacknowledgedBytesMax, so that no answer can be read")));
        }


        if (step == KeepAliveStep.Ping)
            _session.Output.Set();
        if (step == KeepAliveStep.Dead)
        {
            Fail(new MqttException(
                MqttFailure.NoAnswer, MqttReasonCode.KeepAliveTimeout,
                $"{_serverName} gave no sign of life for {_options.PingTimeout} after a ping: the link is taken for dead."));
        }
    }

    // The server is told, by whoever holds the lock, and the writer ends with it.
    private void RefuseToGoOn(in PacketError error)
    {
        _failure ??= Bad(_options, error);
        byte[] packet = new EndPacket(PacketType.Disconnect, error.Code, null).Encode();
        _session.Core.SendDisconnect(packet.Length <= Server.PacketBytesMax ? packet : [], now: true);
    }

    private void Fail(MqttException failure)
    {
        lock (_session.Gate)
            _failure ??= failure;
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }

        _session.Room.Set();
    }

    private MqttException Lost(Exception cause) => new(
        MqttFailure.ConnectionLost, MqttReasonCode.Unspecified,
        $"The connection to {_serverName} was lost: {Innermost(cause)}.", cause);

    private static MqttException Bad(MqttClientOptions options, PacketError error) => new(
        MqttFailure.BadPacket, error.Code, $"{ServerName(options)} sent what MQTT 5 does not allow: {error}.");

    private static MqttException EndedByServer(MqttClientOptions options, EndPacket packet)
    {
        string text = packet.Properties?.Text(PropertyId.ReasonString) is { } reason ? $" It says: {reason}" : "";
        return new MqttException(
            MqttFailure.EndedByServer, packet.Code, $"{ServerName(options)} ended the connection: {packet.Code}.{text}")
        {
            ServerReference = packet.Properties?.Text(PropertyId.ServerReference),
            UserProperties = packet.Properties?.UserProperties() ?? [],
        };
    }

    // An exception is thrown to one caller each.
    private static MqttException Again(MqttException failure)
        => new(failure.Failure, failure.ReasonCode, failure.Message, failure)
        {
            ServerReference = failure.ServerReference,
            UserProperties = failure.UserProperties,
        };
}
