using System.Text;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Mqtt;
using AvSdk.Recording.Uplink;

namespace AvSdk.Uplink;

/// <summary>
/// One stream over publications. Its first message goes to whichever gateway gets it; that one's answer names the inbox
/// that all others go to. It ends with the connection, with a lost publication, and when the gateway is gone.
/// </summary>
internal sealed class MqttUplinkSession : IUplinkSession, ICarrierLink
{
    // Fixed header, packet identifier and properties that are not counted one by one.
    private const int PacketOverhead = 96;

    // All of a Part but its data: a recording's id, a lane of 64, numbers, tags and lengths.
    private const int PartOverhead = 192;
    private const int PublicationBytesMin = 512;

    private readonly MqttLink _link;
    private readonly MqttUplinkOptions _options;
    private readonly string _session;
    private readonly string _openTopic;
    private readonly string _replyTopic;
    private readonly CarrierChannel _channel;
    private readonly ITimer _openTimer;
    private readonly TaskCompletionSource _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _inbox;
    private string? _gateway;
    private string? _run;
    private bool _hasToldRecording;
    private int _isDisposed;

    public MqttUplinkSession(MqttLink link, MqttUplinkOptions options)
    {
        (_link, _options) = (link, options);
        _session = link.NewSession();
        _openTopic = CarrierTopics.Open(options.VehicleId);
        _replyTopic = CarrierTopics.Reply(options.VehicleId, _session);
        if (PublicationBytesMax < PublicationBytesMin)
        {
            throw new UplinkException(
                $"The broker takes packets of at most {link.Client.Server.PacketBytesMax} bytes, too few for this "
                + "vehicle's topics: raise its maximum packet size to 1024 or more.", isTransient: false);
        }

        _channel = new CarrierChannel(this, options.UnconfirmedBytesMax);
        _openTimer = options.TimeProvider.CreateTimer(
            _ => Fail(new CarrierException($"No gateway answered within {options.OpenTimeout}.")), null,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        link.Route(_replyTopic, OnReply);
        link.Attach(_session, OnEnd);
    }

    public int PublicationBytesMax
    {
        get
        {
            string topics = Volatile.Read(ref _inbox) ?? _openTopic + _replyTopic;
            long room = _link.Client.Server.PacketBytesMax - PacketOverhead - Encoding.UTF8.GetByteCount(topics);
            return (int)Math.Min(_options.PublicationBytesMax, room);
        }
    }

    public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        if (request.KindCase == UploadRequest.KindOneofCase.Open)
            Open(request.Open);
        else
            await _bound.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _channel.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (CarrierException failure)
        {
            throw MqttUplink.Failure(failure);
        }

        // Nothing is queued here: what is most urgent is chosen when the network takes more.
        await _link.Client.WaitUntilWrittenAsync(cancellationToken).ConfigureAwait(false);

        // The recording that goes on is the first to be defined.
        if (request.KindCase == UploadRequest.KindOneofCase.Define && !_hasToldRecording)
        {
            _hasToldRecording = true;
            if (request.Define.Recording.RecordingId is { Length: 16 } id)
                _link.SayRecording(new Guid(id.Span, bigEndian: true));
        }
    }

    public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            UploadReply? reply = await _channel.ReceiveAsync(UploadReply.Parser, cancellationToken).ConfigureAwait(false);
            if (reply?.KindCase == UploadReply.KindOneofCase.Opened)
                FitParts(reply.Opened);
            return reply;
        }
        catch (CarrierException failure)
        {
            throw MqttUplink.Failure(failure);
        }
    }

    public ValueTask PublishAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> data)
    {
        if (Volatile.Read(ref _inbox) is { } inbox)
            return PublishAsync(inbox, header, data, MqttPublishOptions.AtLeastOnce);
        MqttPublishOptions open = MqttPublishOptions.AtLeastOnce with
        {
            ResponseTopic = _replyTopic,
            CorrelationData = Encoding.ASCII.GetBytes(_session),
            MessageExpiry = _options.OpenTimeout,
        };
        return PublishAsync(_openTopic, header, data, open);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _openTimer.DisposeAsync().ConfigureAwait(false);
        // A gateway that has answered is told; one that has not sees that nothing comes.
        if (_inbox is not null && !_link.HasEnded)
            await _channel.EndAsync(new StreamEnd { Kind = StreamEnd.Types.Kind.Done }).AsTask()
                .WaitAsync(_options.GoodbyeTimeout, _options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _link.Detach(_session);
        _link.Unroute(_replyTopic, OnReply);
        if (_gateway is not null)
            _link.Unroute(CarrierTopics.GatewayStatus(_gateway), OnGatewayStatus);
        Fail(new CarrierException("This end closed the stream."));
        _channel.Dispose();
    }

    private void Open(Open open)
    {
        if (open.VehicleId != _options.VehicleId)
        {
            throw new UplinkException(
                $"The uplink is of vehicle {_options.VehicleId}, and {open.VehicleId} is recorded: give both the same "
                + "name.", isTransient: false);
        }

        _openTimer.Change(_options.OpenTimeout, Timeout.InfiniteTimeSpan);
    }

    private async ValueTask PublishAsync(
        string topic, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> data, MqttPublishOptions options)
    {
        MqttPublishOutcome outcome = await _link.Client.PublishAsync(topic, header, data, options).ConfigureAwait(false);
        if (outcome.IsDelivered && outcome.ReasonCode != MqttReasonCode.NoMatchingSubscribers)
            return;
        string code = outcome.ReasonText ?? outcome.ReasonCode.ToString();
        throw outcome.Status switch
        {
            MqttPublishStatus.Delivered when topic == _openTopic => new CarrierException(
                $"No gateway takes what comes to {topic}: start one with this broker's address."),
            MqttPublishStatus.Delivered => new CarrierException($"Gateway {_gateway} is not there any more."),
            MqttPublishStatus.Refused when outcome.ReasonCode is MqttReasonCode.NotAuthorized or MqttReasonCode.TopicNameInvalid
                => new CarrierException(
                    StreamEnd.Types.Kind.NotAllowed,
                    $"The broker does not let this vehicle publish to {topic} ({code}). It knows the vehicle by {_link.KnownBy}: "
                    + $"that must be {_options.VehicleId}'s, and its access rules let {_options.VehicleId} publish there."),
            MqttPublishStatus.Refused => new CarrierException($"The broker refused a publication to {topic}: {code}."),
            MqttPublishStatus.NotSent or MqttPublishStatus.Unconfirmed =>
                Lost(await _link.EndAsync().ConfigureAwait(false)),
            _ => new CarrierException(
                StreamEnd.Types.Kind.BadMessage, $"A publication to {topic} cannot be sent: {outcome.Status}, {code}."),
        };
    }

    private void OnReply(MqttMessage message)
    {
        // Before it is read: the broker is told in the order in which messages came, so that one reply that waits would hold back
        // the gateway's word of what it took, and with it whoever sends before he reads. The window bounds what waits.
        message.Acknowledge();
        bool isFirst = _channel.Key == 0;
        string? response = message.ResponseTopic;
        uint key = CarrierHeader.TryRead(message.Payload.Span, out CarrierHeader header, out _) ? header.Key : 0;
        if (isFirst && response is not null)
            Bind(response);
        if (_channel.Add(new MqttCarried(message)))
            return;
        message.Dispose();

        // Another gateway got the same Open, since the broker took the first for gone: it is told at once.
        if (response is not null && IsOurs(response))
            _ = LeaveAsync(response, key);
    }

    private async Task LeaveAsync(string inbox, uint key)
    {
        byte[] head = new byte[CarrierHeader.Bytes];
        new CarrierHeader(CarrierKind.End, key, 1, 0).Write(head);
        await _link.Client.PublishAsync(inbox, head, MqttPublishOptions.AtLeastOnce).ConfigureAwait(false);
    }

    private bool IsOurs(string inbox) => CarrierTopics.TryReadInbox(inbox, out _, out _, out string vehicle, out string session)
        && vehicle == _options.VehicleId && session == _session;

    private void Bind(string inbox)
    {
        if (!IsOurs(inbox))
        {
            Fail(new CarrierException(
                StreamEnd.Types.Kind.BadMessage, $"A gateway named {inbox} as its inbox, which is none of this session."));
            return;
        }

        CarrierTopics.TryReadInbox(inbox, out _gateway, out _run, out _, out _);
        _openTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _link.Route(CarrierTopics.GatewayStatus(_gateway), OnGatewayStatus);
        _ = WatchGatewayAsync(CarrierTopics.GatewayStatus(_gateway));
        Volatile.Write(ref _inbox, inbox);
        _bound.TrySetResult();
    }

    private void OnGatewayStatus(MqttMessage message)
    {
        GatewayStatus? status = StatusJson.ReadGateway(message.Payload);
        message.Acknowledge();
        message.Dispose();
        if (status is not null && (status.Run != _run || !status.Online))
            Fail(new CarrierException($"Gateway {_gateway} {(status.Online ? "has connected anew" : "is gone")}."));
    }

    // A broker that does not let us see it leaves the timeout of the upload session.
    private async Task WatchGatewayAsync(string topic)
    {
        try
        {
            MqttFilterOutcome outcome = await _link.SubscribeAsync(topic, CancellationToken.None).ConfigureAwait(false);
            if (!outcome.IsGranted)
                _link.NoteRefused(topic, $"a subscription to it is refused ({outcome.ReasonCode}); allow it to this vehicle");
        }
        catch (MqttException)
        {
            // The connection ended, of which the session is told.
        }
    }

    private void OnEnd(MqttException end) => Fail(Lost(end));

    private static CarrierException Lost(MqttException end) => new(
        end.IsTransient || end.Failure == MqttFailure.ClosedByCaller
            ? StreamEnd.Types.Kind.NotNow
            : StreamEnd.Types.Kind.NotAllowed,
        end.Message, end);

    private void Fail(CarrierException failure)
    {
        _channel.Fail(failure);
        _bound.TrySetResult();
    }

    // A part is one publication, unless the broker takes none as long as the least that is agreed.
    private void FitParts(Opened opened)
    {
        const int least = 4096;
        long most = PublicationBytesMax - CarrierHeader.Bytes - PartOverhead;
        long allowed = opened.PartBytesMax == 0 ? long.MaxValue : opened.PartBytesMax;
        opened.PartBytesMax = (uint)Math.Max(least, Math.Min(allowed, most));
    }
}
