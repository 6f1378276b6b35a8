using System.Diagnostics.Metrics;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Mqtt;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using AvSdk.Tests.Mqtt;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Gateway;

/// <summary>A gateway's end of a broker that the test plays.</summary>
public sealed class MqttIngestTests
{
    private const string Session = "0123456789abcdef0123456789abcdef00000001";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_ends_though_the_broker_goes_without_a_word_about_what_was_said_last()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        using GatewayMeter meter = new();
        using ScriptedServer broker = new();
        MqttIngest ingest = NewIngest(bench, meter, broker);
        ingest.Start();
        await AcceptAsync(broker);
        await broker.SendAsync(Open("veh-1"));
        await ReplyAsync(broker, CarrierKind.Message);

        Task stopping = ingest.DisposeAsync().AsTask();
        await ReplyAsync(broker, CarrierKind.End);
        broker.Link.Cut();
        await stopping.WaitAsync(TimeSpan.FromMinutes(2), Ct);
    }

    [Fact]
    public async Task A_vehicle_that_opens_as_another_than_its_topic_says_is_refused_told_and_counted()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        using GatewayMeter meter = new();
        long refused = 0;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (ReferenceEquals(instrument, meter.StreamsRefused))
                to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref refused, value));
        listener.Start();
        using ScriptedServer broker = new();
        await using MqttIngest ingest = NewIngest(bench, meter, broker);
        ingest.Start();
        await AcceptAsync(broker);

        await broker.SendAsync(Open("veh-2"));

        StreamEnd end = StreamEnd.Parser.ParseFrom(await ReplyAsync(broker, CarrierKind.End));
        Assert.Equal(StreamEnd.Types.Kind.NotAllowed, end.Kind);
        Assert.Contains("open names vehicle veh-2, and came to the topic of veh-1", end.Reason, StringComparison.Ordinal);
        Assert.Equal(1, Interlocked.Read(ref refused));
        broker.Link.Cut();
    }

    private static MqttIngest NewIngest(IngestBench bench, GatewayMeter meter, ScriptedServer broker)
    {
        GatewayMqttOptions options = new()
        {
            Address = "mqtt://broker",
            Name = "gw-1",
            ConnectChannel = _ => ValueTask.FromResult(broker.Link.Client),
        };
        MqttIngestPorts ports = new(
            () => new IngestStream(
                new IngestSession(bench.Limits, "test"), bench.Pipeline, bench.Vehicles, bench.Index, bench.Time,
                NullLogger.Instance),
            static _ => TimeSpan.FromSeconds(2), meter, "test");
        return new MqttIngest(ports, options, TimeProvider.System, NullLogger.Instance);
    }

    // CONNECT, the status, and what a gateway subscribes to.
    private static async Task AcceptAsync(ScriptedServer broker)
    {
        await broker.ExpectConnectAsync();
        await broker.SendAsync(new ConnackPacket(false, MqttReasonCode.Success, null).Encode());
        ReceivedPacket status = await broker.ExpectAsync(PacketType.Publish);
        await broker.SendAckAsync(PacketType.Puback, IdOf(status));
        for (int i = 0; i < 3; i++)
        {
            ReceivedPacket subscribe = await broker.ExpectAsync(PacketType.Subscribe);
            PacketReader input = new(subscribe.Body, 0);
            ushort id = SubscribePacket.Read(ref input)!.Id;
            await broker.SendAsync(
                new CodesPacket(PacketType.Suback, id, [MqttReasonCode.GrantedQos1], null).Encode());
        }
    }

    // What the gateway publishes next, and the broker does not answer; its word about what it got is passed over.
    private static async Task<byte[]> ReplyAsync(ScriptedServer broker, CarrierKind expected)
    {
        ReceivedPacket packet = await broker.ReadAsync();
        while (packet.Header.Type == PacketType.Puback)
            packet = await broker.ReadAsync();
        Assert.Equal(PacketType.Publish, packet.Header.Type);
        PacketReader input = new(packet.Body, 0);
        ReadOnlySpan<byte> payload = PublishPacket.Read(ref input, packet.Header.Flags).Payload;
        Assert.True(CarrierHeader.TryRead(payload, out CarrierHeader header, out _));
        Assert.Equal(expected, header.Kind);
        return payload[CarrierHeader.Bytes..].ToArray();
    }

    private static ushort IdOf(ReceivedPacket publish)
    {
        PacketReader input = new(publish.Body, 0);
        return PublishPacket.Read(ref input, publish.Header.Flags).Id;
    }

    // To the topic of veh-1.
    private static byte[] Open(string vehicle)
    {
        byte[] open = new UploadRequest { Open = new Open { Protocol = 1, VehicleId = vehicle } }.ToByteArray();
        byte[] payload = new byte[CarrierHeader.Bytes + open.Length];
        new CarrierHeader(CarrierKind.Message, 0, 0, 0).Write(payload);
        open.CopyTo(payload, CarrierHeader.Bytes);
        MqttPublishOptions options = MqttPublishOptions.AtLeastOnce with { ResponseTopic = CarrierTopics.Reply("veh-1", Session) };
        PublishHead head = new(CarrierTopics.Open("veh-1"), options, 1, 0, payload.Length);
        byte[] packet = new byte[head.PacketBytes];
        payload.CopyTo(packet, head.Write(packet, duplicate: false));
        return packet;
    }
}
