using System.Buffers;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt;

/// <summary>
/// A message that arrived. It is its consumer's: acknowledge it where that is asked for, then dispose of it, which
/// gives the payload's memory back.
/// </summary>
/// <remarks>
/// Acknowledging is safe from any thread and in any order; the server is told in the order of arrival (MQTT 5, section
/// 4.6), so one that is never acknowledged holds back those behind it, and, at the receive maximum, the server.
/// </remarks>
public sealed class MqttMessage : IDisposable
{
    private readonly MqttSession _session;
    private readonly PropertySet? _properties;
    private ArraySegment<byte> _payload = ArraySegment<byte>.Empty;
    private IReadOnlyList<MqttUserProperty>? _userProperties;

    internal MqttMessage(MqttSession session, string topic, in PublishPacket packet, int connection)
    {
        _session = session;
        Topic = topic;
        Qos = packet.Qos;
        Retain = packet.Retain;
        IsDuplicate = packet.Duplicate;
        PacketId = packet.Id;
        PayloadBytes = packet.Payload.Length;
        Connection = connection;
        _properties = PropertySet.From(packet.Properties, PacketType.Publish);
    }

    /// <summary>The topic that it was published to.</summary>
    public string Topic { get; }

    /// <summary>What was published; may be empty. Good until <see cref="Dispose"/>, empty after it.</summary>
    public ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>How it was delivered: the lower one of the publisher's and the subscription's.</summary>
    public MqttQos Qos { get; }

    /// <summary>
    /// Whether it is one that the server kept; with <see cref="MqttSubscription.RetainAsPublished"/> the publisher's flag.
    /// </summary>
    public bool Retain { get; }

    /// <summary>Whether the server may have sent it before (DUP); says nothing of what the publisher did.</summary>
    public bool IsDuplicate { get; }

    /// <summary>Whether the publisher says that the payload is UTF-8; it is not checked.</summary>
    public bool IsText => _properties?.Number(PropertyId.PayloadFormat) == 1;

    /// <summary>How long it is still of use; null: for ever.</summary>
    public TimeSpan? MessageExpiry
        => _properties?.Number(PropertyId.MessageExpiry) is { } seconds ? WireTime.FromSeconds(seconds) : null;

    /// <summary>Null where the publisher gave none.</summary>
    public string? ContentType => _properties?.Text(PropertyId.ContentType);

    /// <summary>Where an answer is expected; null: none is.</summary>
    public string? ResponseTopic => _properties?.Text(PropertyId.ResponseTopic);

    /// <summary>What the answer is to repeat; empty: nothing. Good for ever.</summary>
    public ReadOnlyMemory<byte> CorrelationData => _properties?.Data(PropertyId.CorrelationData) ?? default;

    /// <summary>In the publisher's order; may be empty.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties => _userProperties ??= _properties?.UserProperties() ?? [];

    /// <summary>Of the subscriptions that it matched, where they have one.</summary>
    public IReadOnlyList<int> SubscriptionIdentifiers
        => _properties is null
            ? []
            : Array.ConvertAll(_properties.Numbers(PropertyId.SubscriptionIdentifier), static id => (int)id);

    internal ushort PacketId { get; }

    internal int PayloadBytes { get; }

    /// <summary>The connection that it came by last.</summary>
    internal int Connection { get; set; }

    internal bool IsTaken { get; set; }

    internal bool IsDisposed { get; private set; }

    internal MqttReasonCode? AcknowledgedWith { get; set; }

    /// <summary>
    /// Says that it is done with, so that the server forgets it. Only sets down the word, and returns at once; QoS 0
    /// and a second call do nothing.
    /// </summary>
    /// <param name="reasonCode">
    /// From <see cref="MqttReasonCode.Unspecified"/> on: it is refused, and not sent again (MQTT 5, section 3.4.2.1).
    /// </param>
    /// <returns>
    /// False: its connection is gone, and the server sends it again (QoS 1), or has forgotten it (QoS 2).
    /// </returns>
    public bool Acknowledge(MqttReasonCode reasonCode = MqttReasonCode.Success)
    {
        if (reasonCode is not (MqttReasonCode.Success or MqttReasonCode.NoMatchingSubscribers or MqttReasonCode.Unspecified
            or MqttReasonCode.ImplementationSpecific or MqttReasonCode.NotAuthorized or MqttReasonCode.TopicNameInvalid
            or MqttReasonCode.QuotaExceeded or MqttReasonCode.PayloadFormatInvalid))
        {
            throw new ArgumentException(
                $"{reasonCode} is no reason code of an acknowledgement (MQTT 5, 3.4.2.1).", nameof(reasonCode));
        }

        return _session.Acknowledge(this, reasonCode);
    }

    /// <summary>Gives the payload's memory back; acknowledges nothing.</summary>
    public void Dispose()
    {
        byte[]? memory;
        lock (_session.Gate)
        {
            IsDisposed = true;
            memory = _payload.Array;
            _payload = ArraySegment<byte>.Empty;
        }

        if (memory is { Length: > 0 })
            ArrayPool<byte>.Shared.Return(memory);
    }

    /// <summary>Topic, QoS and length.</summary>
    public override string ToString() => $"{Topic} (QoS {(int)Qos}, {_payload.Count} bytes)";

    internal void SetPayload(ArraySegment<byte> payload) => _payload = payload;
}
