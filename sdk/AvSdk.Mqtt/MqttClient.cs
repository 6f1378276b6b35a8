using System.Text;
using AvSdk.Mqtt.Packets;
using AvSdk.Mqtt.Session;
using AvSdk.Mqtt.Transport;

namespace AvSdk.Mqtt;

/// <summary>
/// One connection to an MQTT 5 server. It does not come back by itself: when it has ended, connect again, with the same
/// <see cref="MqttSession"/> where unconfirmed publications are to go on.
/// </summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public sealed partial class MqttClient : IAsyncDisposable
{
    private readonly MqttClientOptions _options;
    private readonly MqttSession _session;
    private readonly IMqttChannel _channel;
    private readonly PacketBuffer _buffer;
    private readonly bool _isCarried;
    private readonly string _serverName;

    private MqttClient(
        MqttClientOptions options, MqttSession session, bool isCarried, IMqttChannel channel, PacketBuffer buffer,
        ConnackPacket connack)
    {
        _options = options;
        _session = session;
        _isCarried = isCarried;
        _channel = channel;
        _buffer = buffer;
        _serverName = ServerName(options);
        _ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _start = options.TimeProvider.GetTimestamp();
        Messages = new MqttMessageReader(options, session);
        SessionPresent = connack.SessionPresent;
        Server = CapabilitiesOf(connack, options);
        ClientId = connack.Properties?.Text(PropertyId.AssignedClientId) ?? ClientIdFor(options, session);
    }

    /// <summary>What arrives for the subscriptions of the session.</summary>
    public MqttMessageReader Messages { get; }

    /// <summary>What the server said when it accepted the connection.</summary>
    public MqttServerCapabilities Server { get; }

    /// <summary>
    /// Whether the server had the session: where it had not, subscribe again. It is the session of the client identifier,
    /// which another process may have left.
    /// </summary>
    public bool SessionPresent { get; }

    /// <summary>The client identifier: what was asked for, or the server's choice.</summary>
    public string ClientId { get; }

    /// <summary>
    /// Ends when the connection has ended and nothing of it runs any more, with the reason; never fails.
    /// </summary>
    public Task<MqttException> Closed => _closed.Task;

    /// <summary>Publishes a message whose payload is in one piece.</summary>
    /// <inheritdoc cref="PublishAsync(string,ReadOnlyMemory{byte},ReadOnlyMemory{byte},MqttPublishOptions,CancellationToken)"/>
    public ValueTask<MqttPublishOutcome> PublishAsync(
        string topic,
        ReadOnlyMemory<byte> payload,
        MqttPublishOptions options = default,
        CancellationToken cancellationToken = default)
        => PublishAsync(topic, default, payload, options, cancellationToken);

    /// <summary>
    /// Publishes a message. Messages go out in the order of the calls, as many at a time as the server takes: do not await
    /// one before the next.
    /// </summary>
    /// <param name="topic">A topic name.</param>
    /// <param name="prefix">The payload's first part, which is copied: a small one. Borrowed until the task ends.</param>
    /// <param name="payload">The rest of it. Borrowed until the task ends.</param>
    /// <param name="options">QoS and properties.</param>
    /// <param name="cancellationToken">
    /// What was not sent is not sent then. What was sent may still arrive; it is not sent again.
    /// </param>
    /// <returns>
    /// QoS 0: ends when it is written; QoS 1 and 2: with the server's answer, with a carried session maybe on a later
    /// connection. A refusal is an outcome, not an exception. Await it once.
    /// </returns>
    /// <exception cref="ArgumentException">No topic name, or a property that does not fit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<MqttPublishOutcome> PublishAsync(
        string topic,
        ReadOnlyMemory<byte> prefix,
        ReadOnlyMemory<byte> payload,
        MqttPublishOptions options,
        CancellationToken cancellationToken = default)
    {
        if (!MqttTopic.IsName(topic))
            throw new ArgumentException($"\"{topic}\" is no topic name: 1 to 65535 bytes, no wildcards.", nameof(topic));
        RequireGood(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MqttPublishOutcome>(cancellationToken);
        Publication publication = _session.Rent();
        ValueTask<MqttPublishOutcome> task = publication.Task;
        bool isReady;
        lock (_session.Gate)
        {
            bool isFull = _session.Core.Outgoing.Count >= _options.PublishQueueMax;
            if (_failure is not null || isFull)
            {
                _session.Recycle(publication);
                MqttPublishStatus status = isFull ? MqttPublishStatus.QueueFull : MqttPublishStatus.NotSent;
                return ValueTask.FromResult(new MqttPublishOutcome(status, MqttReasonCode.Unspecified));
            }

            publication.Begin(topic, prefix, payload, options);
            _session.Core.Outgoing.Add(publication);
            isReady = _session.Core.Outgoing.CanSend;
        }

        publication.CancelWith(cancellationToken);
        if (isReady)
            _session.Output.Set();
        return task;
    }

    /// <summary>Subscribes, and waits for the server's answer.</summary>
    /// <param name="subscriptions">At least one.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; the server may subscribe nevertheless.</param>
    /// <returns>An outcome for each, in order: a refusal is one of them, not an exception.</returns>
    /// <exception cref="ArgumentException">No topic filter.</exception>
    /// <exception cref="MqttException">The connection ended before the answer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<IReadOnlyList<MqttFilterOutcome>> SubscribeAsync(
        IReadOnlyList<MqttSubscription> subscriptions,
        MqttSubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        string[] filters = [.. subscriptions.Select(subscription => subscription.Filter)];
        RequireFilters(filters);
        MqttSubscription? notLocal = subscriptions.FirstOrDefault(s => s.NoLocal && MqttTopic.IsShared(s.Filter));
        if (notLocal is not null)
            throw new ArgumentException($"{notLocal.Filter} is shared: NoLocal is not allowed with it (MQTT 5, 3.8.3-4).");
        PropertySet properties = new PropertySet()
            .Add(PropertyId.SubscriptionIdentifier, (uint?)options?.SubscriptionIdentifier)
            .Add(options?.UserProperties);
        return RequestAsync(
            PacketType.Suback, filters, id => new SubscribePacket(id, subscriptions, properties).Encode(), cancellationToken);
    }

    /// <summary>Subscribes to one filter.</summary>
    /// <inheritdoc cref="SubscribeAsync(IReadOnlyList{MqttSubscription}, MqttSubscribeOptions?, CancellationToken)"/>
    public async Task<MqttFilterOutcome> SubscribeAsync(
        string filter, MqttQos qos = MqttQos.AtLeastOnce, CancellationToken cancellationToken = default)
        => (await SubscribeAsync([new MqttSubscription(filter, qos)], null, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Ends subscriptions, and waits for the server's answer.</summary>
    /// <param name="filters">As they were subscribed to; at least one.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; the server may unsubscribe nevertheless.</param>
    /// <returns>An outcome for each, in order.</returns>
    /// <exception cref="ArgumentException">No topic filter.</exception>
    /// <exception cref="MqttException">The connection ended before the answer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<IReadOnlyList<MqttFilterOutcome>> UnsubscribeAsync(
        IReadOnlyList<string> filters, MqttSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filters);
        RequireFilters(filters);
        PropertySet properties = new PropertySet().Add(options?.UserProperties);
        return RequestAsync(
            PacketType.Unsuback, filters, id => new UnsubscribePacket(id, filters, properties).Encode(), cancellationToken);
    }

    private async Task<IReadOnlyList<MqttFilterOutcome>> RequestAsync(
        PacketType answer, IReadOnlyList<string> filters, Func<ushort, byte[]> encode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (encode(1).Length > Server.PacketBytesMax)
        {
            return Array.ConvertAll<string, MqttFilterOutcome>(
                [.. filters], static filter => new MqttFilterOutcome(filter, MqttReasonCode.PacketTooLarge));
        }

        PendingRequest request = new(answer, filters);
        lock (_session.Gate)
        {
            if (_failure is { } failure)
                throw Again(failure);
            ushort id = _session.Core.TakeIdFor(request);
            if (id == 0)
                throw new InvalidOperationException("All 65535 packet identifiers are in use: await what is under way.");
            _session.Core.Send(encode(id));
        }

        _session.Output.Set();
        return await request.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void RequireFilters(IReadOnlyList<string> filters)
    {
        if (filters.Count == 0)
            throw new ArgumentException("At least one topic filter is needed (MQTT 5, 3.8.3-2).", nameof(filters));
        foreach (string filter in filters)
        {
            if (!MqttTopic.IsFilter(filter))
                throw new ArgumentException($"\"{filter}\" is no topic filter (MQTT 5, 4.7).", nameof(filters));
        }
    }

    private static void RequireGood(in MqttPublishOptions options)
    {
        if (options.Qos > MqttQos.ExactlyOnce)
            throw new ArgumentException($"QoS {(int)options.Qos} does not exist: use 0, 1 or 2.", nameof(options));
        if (options.CorrelationData.Length > ushort.MaxValue)
            throw new ArgumentException("The correlation data are longer than 65535 bytes.", nameof(options));
        if (options.ResponseTopic is { } response && !MqttTopic.IsName(response))
            throw new ArgumentException($"The response topic \"{response}\" is no topic name.", nameof(options));
        RequireText(options.ContentType, "content type");
        for (int i = 0; i < (options.UserProperties?.Count ?? 0); i++)
        {
            RequireText(options.UserProperties![i].Name, "name of a user property");
            RequireText(options.UserProperties[i].Value, "value of a user property");
        }
    }

    private static void RequireText(string? text, string what)
    {
        if (text is null || (text.Length <= ushort.MaxValue / 3 && !text.Contains('\0')))
            return;
        if (text.Contains('\0') || Encoding.UTF8.GetByteCount(text) > ushort.MaxValue)
            throw new ArgumentException($"The {what} is longer than 65535 bytes, or has a U+0000 in it.");
    }
}
