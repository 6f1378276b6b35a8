using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.Identity;
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
    private readonly SharedNameWatch _names;
    private readonly string? _known;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly VehicleStatus _status;
    private readonly ConcurrentDictionary<string, Action<MqttException>> _sessionsToTell = new(StringComparer.Ordinal);
    private Task _reading = Task.CompletedTask;
    private volatile MqttException? _end;
    private int _sessions;

    private MqttLink(MqttUplinkOptions options, SharedNameWatch names, string? known, string name, ILogger logger)
    {
        (_options, _names, _known, _name, _logger) = (options, names, known, name, logger);
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

    /// <summary>What it was connected with; null: no TLS.</summary>
    public IdentityMaterial? Identity { get; private init; }

    /// <summary>What the broker knows the vehicle by, for people.</summary>
    public string KnownBy { get; private init; } = "";

    public bool HasEnded => Client.Closed.IsCompleted;

    /// <param name="address">The broker's.</param>
    /// <param name="options">The uplink's.</param>
    /// <param name="credentials">Null: without TLS.</param>
    /// <param name="names">The uplink's.</param>
    /// <param name="known">An address that need not be named; null: none.</param>
    /// <param name="name">The uplink's.</param>
    /// <param name="logger">The uplink's.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MqttException">The broker is not there, or refuses.</exception>
    /// <exception cref="UplinkException">The broker refuses a subscription.</exception>
    public static async Task<MqttLink> ConnectAsync(
        Uri address, MqttUplinkOptions options, AvCredentials? credentials, SharedNameWatch names, string? known, string name,
        ILogger logger, CancellationToken cancellationToken)
    {
        IdentityMaterial? identity = credentials?.Latest(logger);
        SslClientAuthenticationOptions? tls =
            identity is null ? null : credentials!.CreateTls(identity, address.IdnHost, options.TimeProvider);
        MqttLink link = new(options, names, known, name, logger)
        {
            Identity = identity,
            KnownBy = credentials?.Describe() ?? (options.UserName is { } user ? $"the user name {user}" : "no name"),
        };
        MqttClientOptions client = options.ToClient(address) with
        {
            Tls = tls,
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
            names.Begin(link._status.Connection);
            link.Route(CarrierTopics.VehicleStatus(options.VehicleId), link.OnStatus);
            link._reading = link.ReadAllAsync();
            MqttUplinkLog.Connected(logger, name, link.Client.ClientId, link.Client.Server.PacketBytesMax);
            await link.SubscribeAsync(cancellationToken).ConfigureAwait(false);
            link.SayStatus(StatusJson.Write(link._status));
            return link;
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

    /// <summary>Subscribes further, where the broker allows it.</summary>
    /// <exception cref="MqttException">The connection ended.</exception>
    public async Task<MqttFilterOutcome> SubscribeAsync(string filter, CancellationToken cancellationToken) =>
        await Client.SubscribeAsync(filter, MqttQos.AtLeastOnce, cancellationToken).ConfigureAwait(false);

    /// <summary>Why the connection ended, when it has.</summary>
    public async Task<MqttException> EndAsync()
    {
        MqttException end = await Client.Closed.ConfigureAwait(false);
        bool isTakenOver = end.ReasonCode == MqttReasonCode.SessionTakenOver
            || (end.Failure == MqttFailure.ConnectionLost && _names.IsShared);
        string what = isTakenOver
            ? $"Another client has connected to the broker as {Client.ClientId}, and a name can be connected once: two that "
            + "share one end each other's connections for ever. Give each vehicle a name and certificate of its own, or stop "
            + "the other."
            : Plain(end.Message, _known);
        return isTakenOver
            ? new MqttException(MqttFailure.EndedByServer, MqttReasonCode.SessionTakenOver, what, end)
            : new MqttException(end.Failure, end.ReasonCode, what, end);
    }

    /// <summary>A message of the client's without an address that its reader knows.</summary>
    public static string Plain(string message, string? known)
    {
        string plain = known is null ? message : message.Replace(known, "the broker", StringComparison.Ordinal);
        return char.ToUpperInvariant(plain[0]) + plain[1..];
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

    // The second may be refused: then nobody learns who shares the name.
    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        MqttSubscription[] filters =
        [
            new(CarrierTopics.AnyReply(VehicleId)), new(CarrierTopics.VehicleStatus(VehicleId)),
        ];
        IReadOnlyList<MqttFilterOutcome> outcomes =
            await Client.SubscribeAsync(filters, null, cancellationToken).ConfigureAwait(false);
        if (!outcomes[0].IsGranted)
        {
            throw new UplinkException(
                $"The broker refuses the subscription to {outcomes[0].Filter} ({outcomes[0].ReasonCode}). It knows the vehicle "
                + $"by {KnownBy}: allow it to that one.", isTransient: false);
        }
    }

    private void OnStatus(MqttMessage message)
    {
        VehicleStatus? status = StatusJson.ReadVehicle(message.Payload);
        bool isRetained = message.Retain;
        message.Acknowledge();
        message.Dispose();
        if (status is not null && _names.See(status, isRetained))
            MqttUplinkLog.NameIsShared(_logger, _name, VehicleId);
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

        MqttException end = await EndAsync().ConfigureAwait(false);
        _end = end;
        foreach (string session in _sessionsToTell.Keys)
        {
            if (_sessionsToTell.TryRemove(session, out Action<MqttException>? onEnd))
                onEnd(end);
        }

        MqttUplinkLog.Ended(_logger, _name, end.Message);
    }
}
