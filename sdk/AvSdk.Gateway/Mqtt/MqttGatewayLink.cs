using System.Collections.Concurrent;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Mqtt;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Mqtt;

/// <summary>
/// A gateway's connection to a broker, with the streams that came over it: they end with it. Gives each publication to the
/// stream that it is for, and never waits for one.
/// </summary>
internal sealed class MqttGatewayLink : IAsyncDisposable
{
    // Above what any vehicle publishes: parts of at most 3 MiB, in publications of at most 4 MiB.
    private const int PacketBytesMax = 5 << 20;
    private const int ReceiveMaximum = 1024;

    private readonly MqttIngestPorts _ports;
    private readonly GatewayMqttOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly string _run;
    private readonly GatewayStatus _status;
    private readonly ConcurrentDictionary<string, MqttIngestStream> _streams = new(StringComparer.Ordinal);
    private readonly EndedSessions _ended = new();
    private readonly CancellationTokenSource _stopping = new();
    private MqttClient? _client;
    private ITimer? _stallTimer;

    private MqttGatewayLink(MqttIngestPorts ports, GatewayMqttOptions options, TimeProvider time, ILogger logger)
    {
        (_ports, _options, _time, _logger) = (ports, options, time, logger);
        _run = Convert.ToHexStringLower(options.RandomBytes(16));
        _name = options.NameInForce;
        _status = new GatewayStatus
        {
            Online = true,
            Run = _run,
            Software = ports.Software,
            Since = StatusJson.Time(time.GetUtcNow()),
        };
    }

    public int Streams => _streams.Count;

    private string StatusTopic => CarrierTopics.GatewayStatus(_name);

    /// <summary>Connects and subscribes: from then on vehicles are taken.</summary>
    /// <exception cref="MqttException">There is no connection, or the broker refuses what a gateway needs.</exception>
    public static async Task<MqttGatewayLink> ConnectAsync(
        MqttIngestPorts ports, GatewayMqttOptions options, MqttClientOptions client, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        MqttGatewayLink link = new(ports, options, time, logger);
        try
        {
            await link.ConnectAsync(client, cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes what comes until the connection ends.</summary>
    /// <exception cref="MqttException">It ended.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (MqttMessage message in _client!.Messages.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (CarrierTopics.TryReadInbox(message.Topic, out _, out _, out string vehicle, out string session))
                TakeFor(vehicle, session, message);
            else if (CarrierTopics.VehicleOf(message.Topic, "open") is { } opener)
                Open(opener, message);
            else
                TakeStatus(message);
        }

        throw await _client.Closed.ConfigureAwait(false);
    }

    /// <summary>Ends the streams, with word to their vehicles where the connection stands, and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stallTimer is not null)
            await _stallTimer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_client is { Closed.IsCompleted: true })
            FailAll("The connection to the broker ended.", static _ => true);
        await Task.WhenAll(_streams.Values.Select(static stream => stream.Running)).ConfigureAwait(false);
        if (_client is not null)
        {
            if (!_client.Closed.IsCompleted)
            {
                await SayStatusAsync(online: false).WaitAsync(MqttIngestStream.Farewell, _time)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _client.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task ConnectAsync(MqttClientOptions client, CancellationToken cancellationToken)
    {
        _client = await MqttClient.ConnectAsync(
            client with
            {
                Will = new MqttWill
                {
                    Topic = StatusTopic,
                    Payload = StatusJson.Write(new GatewayStatus(_status) { Online = false, Since = "" }),
                    Qos = MqttQos.AtLeastOnce,
                    Retain = true,
                    ContentType = StatusJson.ContentType,
                    IsText = true,
                },
                ClientId = "avgateway-" + _name,
                Acknowledgement = MqttAcknowledgement.Manual,
                PacketBytesMax = PacketBytesMax,
                ReceiveMaximum = ReceiveMaximum,
                UnacknowledgedBytesMax = _options.WaitingBytesMax,
                KeepAlive = _options.KeepAlive,
                TimeProvider = _time,
            },
            cancellationToken).ConfigureAwait(false);
        _ = FailWithConnectionAsync(_client);
        await SayStatusAsync(online: true).ConfigureAwait(false);

        // Streams last: whoever opens one finds the inbox there.
        string inbox = CarrierTopics.AnyInbox(_name, _run);
        await SubscribeAsync(new MqttSubscription(inbox), cancellationToken).ConfigureAwait(false);
        await SubscribeAsync(
            new MqttSubscription(CarrierTopics.AnyVehicleStatus) { RetainHandling = MqttRetainHandling.DoNotSend },
            cancellationToken).ConfigureAwait(false);
        await SubscribeAsync(
            new MqttSubscription($"$share/{_options.Group}/{CarrierTopics.AnyOpen}"), cancellationToken).ConfigureAwait(false);
        TimeSpan period = _options.StallTimeout / 4;
        _stallTimer = _time.CreateTimer(_ => EndStalled(), null, period, period);
    }

    private async Task SubscribeAsync(MqttSubscription subscription, CancellationToken cancellationToken)
    {
        MqttFilterOutcome outcome =
            (await _client!.SubscribeAsync([subscription], null, cancellationToken).ConfigureAwait(false))[0];
        if (!outcome.IsGranted)
        {
            throw new MqttException(
                MqttFailure.Refused, outcome.ReasonCode,
                $"The broker refuses the subscription to {subscription.Filter} ({outcome.ReasonCode}): its access rules must "
                + "allow it to this gateway, and shared subscriptions be on.");
        }
    }

    private async Task SayStatusAsync(bool online)
    {
        MqttPublishOptions options = new()
        {
            Qos = MqttQos.AtLeastOnce,
            Retain = _client!.Server.Retain,
            ContentType = StatusJson.ContentType,
            IsText = true,
        };
        byte[] json = StatusJson.Write(online ? _status : new GatewayStatus(_status) { Online = false, Since = "" });
        await _client.PublishAsync(StatusTopic, json, options).ConfigureAwait(false);
    }

    private void Open(string vehicle, MqttMessage message)
    {
        string? reason = !CarrierTopics.TryReadReply(message.ResponseTopic ?? "", out string replyTo, out string session)
            ? "it has no response topic of the form av/v1/v/VEHICLE/reply/SESSION"
            : replyTo != vehicle ? $"its response topic is {replyTo}'s"
            : session.Length <= _run.Length ? "its session does not begin with a connection of 32 digits" : null;
        if (reason is not null)
            MqttIngestLog.PassedOver(_logger, message.Topic, reason);
        if (reason is not null || _ended.Has(session) || _streams.ContainsKey(session))
        {
            PassOver(message);
            return;
        }

        if (_stopping.IsCancellationRequested)
        {
            PassOver(message);
            _ = RejectAsync(vehicle, session, 0, "The gateway is stopping; another takes the next stream.");
            return;
        }

        if (_streams.Count >= _options.StreamsMax)
        {
            PassOver(message);
            TimeSpan retryAfter = _ports.TurnAway(vehicle);
            _ = RejectAsync(
                vehicle, session, 0,
                $"The gateway has {_streams.Count} streams over this broker, as many as it takes: come back in "
                + $"{retryAfter.TotalSeconds:0.0} s.", retryAfter);
            return;
        }

        MqttIngestStream stream = new(
            _client!, vehicle, session, CarrierTopics.Inbox(_name, _run, vehicle, session), NewKey(), _time);
        _streams[session] = stream;
        stream.Add(message);
        stream.Running = RunAsync(stream);
    }

    private async Task RunAsync(MqttIngestStream stream)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using (stream)
            await stream.RunAsync(_ports, _logger, _stopping.Token).ConfigureAwait(false);
        _ended.Add(stream.Session);
        _streams.TryRemove(stream.Session, out _);
    }

    private void TakeFor(string vehicle, string session, MqttMessage message)
    {
        if (_streams.TryGetValue(session, out MqttIngestStream? stream) && stream.VehicleId == vehicle)
        {
            stream.Add(message);
            return;
        }

        uint key = CarrierHeader.TryRead(message.Payload.Span, out CarrierHeader header, out _) ? header.Key : 0;
        PassOver(message);

        // Told once; it may have been told before, and not heard it.
        if (header.Kind != CarrierKind.End && stream is null && _ended.Add(session))
            _ = RejectAsync(vehicle, session, key, "The gateway has no such stream: open another.");
    }

    private void TakeStatus(MqttMessage message)
    {
        string? vehicle = CarrierTopics.VehicleOf(message.Topic, "status");
        VehicleStatus? status = vehicle is null ? null : StatusJson.ReadVehicle(message.Payload);
        PassOver(message);
        if (status is null || !CarrierTopics.IsHexadecimal(status.Connection))
            return;

        // A vehicle has one connection: the one that comes ends those before, the one that goes its own.
        FailAll(
            status.Online ? $"{vehicle} has connected anew." : $"{vehicle} is gone.",
            stream => stream.VehicleId == vehicle
                && stream.Session.StartsWith(status.Connection, StringComparison.Ordinal) != status.Online);
    }

    private async Task RejectAsync(
        string vehicle, string session, uint key, string reason, TimeSpan retryAfter = default)
    {
        byte[] head = new byte[CarrierHeader.Bytes];
        new CarrierHeader(CarrierKind.End, key == 0 ? 1 : key, ulong.MaxValue, 0).Write(head);
        StreamEnd end = new()
        {
            Kind = StreamEnd.Types.Kind.NotNow,
            Reason = reason,
            RetryAfterMs = (ulong)Math.Ceiling(retryAfter.TotalMilliseconds),
        };
        await _client!.PublishAsync(
            CarrierTopics.Reply(vehicle, session), head, end.ToByteArray(), MqttPublishOptions.AtLeastOnce).ConfigureAwait(false);
    }

    private async Task FailWithConnectionAsync(MqttClient client)
    {
        MqttException end = await client.Closed.ConfigureAwait(false);
        FailAll(end.Message, static _ => true);
    }

    private void FailAll(string reason, Func<MqttIngestStream, bool> which)
    {
        foreach (MqttIngestStream stream in _streams.Values)
        {
            if (which(stream))
                stream.Fail(reason);
        }
    }

    private void EndStalled() => FailAll(
        $"The gateway could take nothing of this stream for {_options.StallTimeout}.",
        stream => stream.StallsSince > _options.StallTimeout);

    private uint NewKey()
    {
        uint key;
        do
            key = BitConverter.ToUInt32(_options.RandomBytes(sizeof(uint)));
        while (key == 0);
        return key;
    }

    private static void PassOver(MqttMessage message)
    {
        message.Acknowledge();
        message.Dispose();
    }
}
