using System.Security.Cryptography;
using System.Text;
using AvSdk.Contracts.Carrier;
using AvSdk.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Live;
using AvSdk.Tests.Mqtt.Interop;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

/// <summary>Samples over a real broker, for any MQTT client.</summary>
public sealed class MqttLiveTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_late_has_the_last_sample_and_the_schema_to_read_it_with()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using MqttUplink uplink = new(broker.Address.OriginalString, new MqttUplinkOptions { VehicleId = "veh-042" });
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            Lanes = [Bench.Lane()],
            FreeBytesMin = 0,
            Live = [new LiveRule("/gnss") { RateMax = 100 }],
        };
        RecorderPorts ports = new() { Files = new MemoryFiles(), Uplink = uplink };
        await using LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(options, ports, Ct);
        byte[] schema = """{"type":"object"}"""u8.ToArray();
        RecordingChannel gnss = recorder.Channel(new ChannelSpec
        {
            Topic = "/gnss",
            MessageEncoding = "json",
            Schema = new SchemaSpec("av.Gnss", "jsonschema", schema),
        });
        uint number = 0;
        await Eventually.Holds(() =>
        {
            number++;
            gnss.WriteRaw(new MessageStamp(number, number, number), Encoding.UTF8.GetBytes($"{{\"n\":{number}}}"));
            return recorder.Status.Live.Published > 0;
        });

        MqttClientOptions dashboard = new() { Address = broker.Address, ClientId = "dashboard" };
        await using MqttClient client = await MqttClient.ConnectAsync(dashboard, cancellationToken: Ct);
        await client.SubscribeAsync("av/v1/v/+/schema/+", MqttQos.AtLeastOnce, Ct);
        using (MqttMessage shown = (await client.Messages.ReadAsync(Ct))!)
        {
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(schema));
            Assert.Equal(CarrierTopics.Schema("veh-042", sha256), shown.Topic);
            Assert.Equal(schema, shown.Payload.ToArray());
        }

        await client.SubscribeAsync("av/v1/v/+/live/#", MqttQos.AtMostOnce, Ct);
        using MqttMessage sample = (await client.Messages.ReadAsync(Ct))!;
        Dictionary<string, string> properties = sample.UserProperties.ToDictionary(each => each.Name, each => each.Value);
        Assert.Equal("av/v1/v/veh-042/live/gnss", sample.Topic);
        Assert.Equal("application/json", sample.ContentType);
        Assert.Equal($"{{\"n\":{properties["sequence"]}}}", Encoding.UTF8.GetString(sample.Payload.Span));
        Assert.Equal(properties["sequence"], properties["logTime"]);
        Assert.Equal(("/gnss", "json", "av.Gnss"), (properties["topic"], properties["messageEncoding"], properties["schema"]));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(schema)), properties["schemaSha256"]);
    }

    [Theory]
    [InlineData("/camera/front", "av/v1/v/veh/live/camera/front")]
    [InlineData("gnss", "av/v1/v/veh/live/gnss")]
    [InlineData("/a+b/#/100%", "av/v1/v/veh/live/a%2Bb/%23/100%25")]
    [InlineData("/\u0001\u0080ö", "av/v1/v/veh/live/%01%C2%80ö")]
    public void A_topic_is_a_topic_of_the_broker_too(string topic, string expected) =>
        Assert.Equal(expected, CarrierTopics.Live("veh", topic));
}
