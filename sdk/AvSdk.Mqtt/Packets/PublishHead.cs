using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Mqtt.Packets;

/// <summary>
/// Everything of a PUBLISH before its payload (MQTT 5, section 3.3), measured and then written in place:
/// allocates nothing.
/// </summary>
/// <remarks><code>
/// +------------+-----------+------------+---------------------+-----------------+---------+
/// | 3|flags    | remaining | topic, two | packet identifier,  | properties and  | payload |
/// |            | length    | byte length| not with QoS 0      | their length    |         |
/// +------------+-----------+------------+---------------------+-----------------+---------+
/// </code></remarks>
internal readonly ref struct PublishHead
{
    private readonly ref readonly MqttPublishOptions _options;
    private readonly string _topic;
    private readonly int _topicBytes;
    private readonly int _propertyBytes;
    private readonly ushort _id;
    private readonly ushort _alias;

    /// <summary>Measures.</summary>
    /// <param name="topic">Empty where the alias stands for it.</param>
    /// <param name="options">QoS, retain and properties.</param>
    /// <param name="id">0 with QoS 0.</param>
    /// <param name="alias">0: none.</param>
    /// <param name="payloadBytes">The payload's length.</param>
    public PublishHead(string topic, in MqttPublishOptions options, ushort id, ushort alias, long payloadBytes)
    {
        _options = ref options;
        _topic = topic;
        _id = id;
        _alias = alias;
        _topicBytes = Encoding.UTF8.GetByteCount(topic);
        _propertyBytes = PropertyBytes(options) + (alias == 0 ? 0 : 3);
        BodyBytes = 2 + _topicBytes + (options.Qos == MqttQos.AtMostOnce ? 0 : 2)
            + VariableInt.Bytes(_propertyBytes) + _propertyBytes + payloadBytes;
    }

    /// <summary>The remaining length; may be more than a packet can have.</summary>
    public long BodyBytes { get; }

    /// <summary>The whole packet, with the payload.</summary>
    public long PacketBytes => 1 + VariableInt.Bytes((int)Math.Min(BodyBytes, VariableInt.Max)) + BodyBytes;

    /// <summary>Writes; the destination has room for the packet without its payload. Returns the length.</summary>
    public int Write(Span<byte> destination, bool duplicate)
    {
        destination[0] = (byte)(((int)PacketType.Publish << 4) | (duplicate ? 8 : 0)
            | ((int)_options.Qos << 1) | (_options.Retain ? 1 : 0));
        int at = 1 + VariableInt.Write(destination[1..], (int)BodyBytes);
        at += Text(destination[at..], _topic, _topicBytes);
        if (_options.Qos != MqttQos.AtMostOnce)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], _id);
            at += 2;
        }

        at += VariableInt.Write(destination[at..], _propertyBytes);
        return at + Properties(destination[at..]);
    }

    private int Properties(Span<byte> destination)
    {
        int at = 0;
        if (_alias != 0)
        {
            destination[at++] = (byte)PropertyId.TopicAlias;
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], _alias);
            at += 2;
        }

        if (_options.IsText)
        {
            destination[at++] = (byte)PropertyId.PayloadFormat;
            destination[at++] = 1;
        }

        if (_options.MessageExpiry is { } expiry)
        {
            destination[at++] = (byte)PropertyId.MessageExpiry;
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], WireTime.Seconds(expiry));
            at += 4;
        }

        at += Property(destination[at..], PropertyId.ContentType, _options.ContentType);
        at += Property(destination[at..], PropertyId.ResponseTopic, _options.ResponseTopic);
        if (!_options.CorrelationData.IsEmpty)
        {
            destination[at++] = (byte)PropertyId.CorrelationData;
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)_options.CorrelationData.Length);
            _options.CorrelationData.Span.CopyTo(destination[(at + 2)..]);
            at += 2 + _options.CorrelationData.Length;
        }

        for (int i = 0; i < (_options.UserProperties?.Count ?? 0); i++)
        {
            MqttUserProperty property = _options.UserProperties![i];
            destination[at++] = (byte)PropertyId.UserProperty;
            at += Text(destination[at..], property.Name, Encoding.UTF8.GetByteCount(property.Name));
            at += Text(destination[at..], property.Value, Encoding.UTF8.GetByteCount(property.Value));
        }

        return at;
    }

    private static int PropertyBytes(in MqttPublishOptions options)
    {
        int bytes = options.IsText ? 2 : 0;
        if (options.MessageExpiry is not null)
            bytes += 5;
        if (options.ContentType is { } contentType)
            bytes += 3 + Encoding.UTF8.GetByteCount(contentType);
        if (options.ResponseTopic is { } responseTopic)
            bytes += 3 + Encoding.UTF8.GetByteCount(responseTopic);
        if (!options.CorrelationData.IsEmpty)
            bytes += 3 + options.CorrelationData.Length;
        for (int i = 0; i < (options.UserProperties?.Count ?? 0); i++)
        {
            MqttUserProperty property = options.UserProperties![i];
            bytes += 5 + Encoding.UTF8.GetByteCount(property.Name) + Encoding.UTF8.GetByteCount(property.Value);
        }

        return bytes;
    }

    private static int Property(Span<byte> destination, PropertyId id, string? text)
    {
        if (text is null)
            return 0;
        destination[0] = (byte)id;
        return 1 + Text(destination[1..], text, Encoding.UTF8.GetByteCount(text));
    }

    private static int Text(Span<byte> destination, string text, int bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)bytes);
        return 2 + Encoding.UTF8.GetBytes(text, destination[2..]);
    }
}
