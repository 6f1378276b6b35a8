using System.Collections.Concurrent;
using System.Globalization;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Mqtt;
using AvSdk.Recording.Live;
using AvSdk.Recording.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Uplink;

/// <summary>
/// A vehicle's connection to a broker: says that the vehicle is there, and gives each message that arrives to the session
/// that it is for. Ends once, and does not come back.
/// </summary>
internal sealed class MqttLink : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Action<MqttMessage>> _routes = new(StringComparer.Ordinal);
    private readonly MqttUplinkOptions _options;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly VehicleStatus _status;
    private readonly ConcurrentDictionary<string, Action<MqttException>> _sessionsToTell = new(StringComparer.Ordinal);
    private Task _reading = Task.CompletedTask;
    private volatile MqttException? _end;
    private int _sessions;

    private MqttLink(MqttUplinkOptions options, string name, ILogger logger)
    {
        (_options, _name, _logger) = (options, name, logger);
        _status = new VehicleStatus
        {
            Online = true,
            Connection = Convert.ToHexStringLower(options.RandomBytes(16)),
            Software = options.Software,
            Since = StatusJson.Time(options.TimeProvider.GetUtcNow()),
        };
    }

    public MqttClient Client { get; private set; } = null!;

    /// <summary>For those who watch.</summary>
    public LivePublisher Live { get; private set; } = null!;

    public string VehicleId => _options.VehicleId;

    public bool HasEnded => Client.Closed.IsCompleted;

    /// <exception cref="UplinkException">The broker is not there, or refuses.</exception>
    public static async Task<MqttLink> ConnectAsync(
        Uri address, MqttUplinkOptions options, AvCredentials? credentials, string name, ILogger logger,
        CancellationToken cancellationToken)
    {
        MqttLink link = new(options, name, logger);
        MqttClientOptions client = options.ToClient(address) with
        {
            Tls = credentials?.CreateTls(address.IdnHost, options.TimeProvider, logger),
            Will = new MqttWill
            {
                Topic = CarrierTopics.VehicleStatus(options.VehicleId),
                Payload = link.Offline(),
                Qos = MqttQos.AtLeastOnce,
                Retain = true,
                ContentType = StatusJson.ContentType,
                IsText = true,
            },
        };
        try
        {
            link.Client = await MqttClient.ConnectAsync(client, cancellationToken).ConfigureAwait(false);
            link.Live = new LivePublisher(link.Client, options.VehicleId);
            link._reading = link.ReadAllAsync();
            MqttUplinkLog.Connected(logger, name, link.Client.ClientId, link.Client.Server.PacketBytesMax);
            await link.SubscribeAsync(CarrierTopics.AnyReply(options.VehicleId), cancellationToken).ConfigureAwait(false);
            link.SayStatus(StatusJson.Write(link._status));
            return link;
        }
        catch (MqttException failure)
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw MqttUplink.Failure(name, failure);
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>See <see cref="LivePublisher"/>. False also where the connection has ended.</summary>
    public async ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken)
    {
        if (HasEnded)
            return false;
        try
        {
            return await Live.PublishAsync(sample, cancellationToken).ConfigureAwait(false);
        }
        catch (MqttException)
        {
            // The session that uses the connection is told, and says so.
            return false;
        }
    }

    /// <summary>A name that no other session has: it begins with the connection's.</summary>
    public string NewSession() => _status.Connection
        + Interlocked.Increment(ref _sessions).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Messages of a topic go to <paramref name="take"/>, which must not block.</summary>
    public void Route(string topic, Action<MqttMessage> take) => _routes[topic] = take;

    /// <summary>They do not any more, unless somebody else has taken the topic over.</summary>
    public void Unroute(string topic, Action<MqttMessage> take) => _routes.TryRemove(new(topic, take));

    /// <summary>Tells <paramref name="session"/> of the connection's end; at once, where it has ended.</summary>
    public void Attach(string session, Action<MqttException> onEnd)
    {
        _sessionsToTell[session] = onEnd;
        if (_end is { } end && _sessionsToTell.TryRemove(session, out _))
            onEnd(end);
    }

    public void Detach(string session) => _sessionsToTell.TryRemove(session, out _);

    /// <exception cref="UplinkException">The broker refuses.</exception>
    /// <exception cref="MqttException">The connection ended.</exception>
    public async Task SubscribeAsync(string filter, CancellationToken cancellationToken)
    {
        MqttFilterOutcome outcome = await Client.SubscribeAsync(filter, MqttQos.AtLeastOnce, cancellationToken)
            .ConfigureAwait(false);
        if (!outcome.IsGranted)
        {
            throw new UplinkException(
                $"{_name}: the broker refuses the subscription to {filter} ({outcome.ReasonCode}): allow it to this vehicle.",
                isTransient: false);
        }
    }

    /// <summary>The vehicle's status says what is recorded from now on.</summary>
    public void SayRecording(Guid recordingId)
    {
        string text = recordingId.ToString("n");
        if (_status.RecordingId == text || HasEnded)
            return;
        _status.RecordingId = text;
        SayStatus(StatusJson.Write(_status));
    }

    public void NoteRefused(string topic, string reason) => MqttUplinkLog.NotTaken(_logger, _name, topic, reason);

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
        {
            if (!HasEnded)
                await SayAsync(Offline()).WaitAsync(_options.GoodbyeTimeout, _options.TimeProvider)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Client.DisposeAsync().ConfigureAwait(false);
        }

        await _reading.ConfigureAwait(false);
    }

    private byte[] Offline() => StatusJson.Write(new VehicleStatus(_status) { Online = false, Since = "" });

    private void SayStatus(byte[] json) => _ = SayAsync(json);

    private async Task SayAsync(byte[] json)
    {
        string topic = CarrierTopics.VehicleStatus(VehicleId);
        MqttPublishOptions options = new()
        {
            Qos = MqttQos.AtLeastOnce,
            Retain = Client.Server.Retain,
            ContentType = StatusJson.ContentType,
            IsText = true,
        };
        MqttPublishOutcome outcome = await Client.PublishAsync(topic, json, options).ConfigureAwait(false);
        if (!outcome.IsDelivered && !HasEnded)
            MqttUplinkLog.NotTaken(_logger, _name, topic, outcome.ReasonText ?? outcome.ReasonCode.ToString());
    }

    private async Task ReadAllAsync()
    {
        try
        {
            await foreach (MqttMessage message in Client.Messages.ReadAllAsync().ConfigureAwait(false))
            {
                if (_routes.TryGetValue(message.Topic, out Action<MqttMessage>? take))
                {
                    take(message);
                }
                else
                {
                    message.Acknowledge();
                    message.Dispose();
                }
            }
        }
        catch (MqttException)
        {
            // Told to whoever uses the connection, below.
        }

        MqttException end = await Client.Closed.ConfigureAwait(false);
        _end = end;
        foreach (string session in _sessionsToTell.Keys)
        {
            if (_sessionsToTell.TryRemove(session, out Action<MqttException>? onEnd))
                onEnd(end);
        }

        MqttUplinkLog.Ended(_logger, _name, end.Message);
    }
}
