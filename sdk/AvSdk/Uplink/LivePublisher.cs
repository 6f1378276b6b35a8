using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AvSdk.Contracts.Carrier;
using AvSdk.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Live;

namespace AvSdk.Uplink;

/// <summary>
/// Publishes samples of what is recorded over one connection, as <c>protos/av/v1/mqtt.md</c> says: the message as it is
/// recorded, and beside it, once, the schema that it can be read with. One caller at a time.
/// </summary>
internal sealed class LivePublisher(MqttClient client, string vehicleId)
{
    // A last word may be shown for so long after the vehicle fell silent.
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);

    // Type and length, packet identifier, flags, expiry; and the kind and lengths of a property.
    private const int PublicationOverhead = 24;
    private const int PropertyOverhead = 5;

    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>Topics, properties and payloads; a schema's too, until it was published.</summary>
    public long BytesOf(LiveSample sample)
    {
        Watched watched = Find(sample.Channel);
        long bytes = watched.HeadBytes + sample.Payload.Length;
        if (!watched.IsSchemaSent && sample.Channel.Schema is { } schema)
        {
            bytes += schema.Data.Length + PublicationOverhead
                + Encoding.UTF8.GetByteCount(CarrierTopics.Schema(vehicleId, watched.SchemaSha256))
                + BytesOf("schema", schema.Name) + BytesOf("schemaEncoding", schema.Encoding);
        }

        return bytes;
    }

    /// <summary>False: the broker did not take it.</summary>
    public async ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken)
    {
        Watched watched = Find(sample.Channel);
        if (!watched.IsSchemaSent)
        {
            if (!await SendSchemaAsync(sample.Channel, watched, cancellationToken).ConfigureAwait(false))
                return false;
            watched.IsSchemaSent = true;
        }

        MqttPublishOptions options = new()
        {
            Retain = client.Server.Retain,
            MessageExpiry = Expiry,
            ContentType = watched.ContentType,
            IsText = watched.IsText,
            UserProperties =
            [
                .. watched.Properties,
                new MqttUserProperty("logTime", sample.Stamp.LogTime.ToString(CultureInfo.InvariantCulture)),
                new MqttUserProperty("sequence", sample.Stamp.Sequence.ToString(CultureInfo.InvariantCulture)),
            ],
        };
        MqttPublishOutcome outcome = await client
            .PublishAsync(watched.Topic, sample.Payload, options, cancellationToken).ConfigureAwait(false);
        return outcome.IsDelivered;
    }

    private static int BytesOf(string name, string value) =>
        PropertyOverhead + Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    private Watched Find(ChannelSpec channel)
    {
        if (_watched.TryGetValue(channel.Topic, out Watched? known))
            return known;
        Watched watched = new(vehicleId, channel);
        _watched.Add(channel.Topic, watched);
        return watched;
    }

    private async ValueTask<bool> SendSchemaAsync(ChannelSpec channel, Watched watched, CancellationToken cancellationToken)
    {
        if (channel.Schema is not { } schema)
            return true;
        MqttPublishOptions options = new()
        {
            Qos = MqttQos.AtLeastOnce,
            Retain = client.Server.Retain,
            UserProperties =
            [
                new MqttUserProperty("schema", schema.Name), new MqttUserProperty("schemaEncoding", schema.Encoding),
            ],
        };
        string topic = CarrierTopics.Schema(vehicleId, watched.SchemaSha256);
        MqttPublishOutcome outcome = await client.PublishAsync(topic, schema.Data, options, cancellationToken)
            .ConfigureAwait(false);
        return outcome.IsDelivered;
    }

    private sealed class Watched
    {
        public Watched(string vehicleId, ChannelSpec channel)
        {
            Topic = CarrierTopics.Live(vehicleId, channel.Topic);
            IsText = channel.MessageEncoding == "json";
            ContentType = channel.MessageEncoding switch
            {
                "json" => "application/json",
                "protobuf" => "application/protobuf",
                _ => "application/octet-stream",
            };
            List<MqttUserProperty> properties =
                [new("topic", channel.Topic), new("messageEncoding", channel.MessageEncoding)];
            if (channel.Schema is { } schema)
            {
                SchemaSha256 = Convert.ToHexStringLower(SHA256.HashData(schema.Data.Span));
                properties.Add(new MqttUserProperty("schema", schema.Name));
                properties.Add(new MqttUserProperty("schemaSha256", SchemaSha256));
            }

            Properties = properties;
            // The numbers are at most as long as these.
            HeadBytes = PublicationOverhead + Encoding.UTF8.GetByteCount(Topic) + BytesOf("", ContentType)
                + BytesOf("logTime", "18446744073709551615") + BytesOf("sequence", "4294967295");
            foreach (MqttUserProperty property in properties)
                HeadBytes += BytesOf(property.Name, property.Value);
        }

        /// <summary>All of a sample's publication but its payload, or a little more.</summary>
        public int HeadBytes { get; }

        public string Topic { get; }

        public string ContentType { get; }

        public bool IsText { get; }

        public string SchemaSha256 { get; } = "";

        public IReadOnlyList<MqttUserProperty> Properties { get; }

        public bool IsSchemaSent { get; set; }
    }
}
