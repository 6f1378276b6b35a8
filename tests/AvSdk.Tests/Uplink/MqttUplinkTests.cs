using AvSdk.Contracts.V1;
using AvSdk.Gateway.Mqtt;
using AvSdk.Recording;
using AvSdk.Testing;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Mqtt.Interop;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

/// <summary>From a recorder over a real broker to a gateway, and back to a receipt.</summary>
public sealed class MqttUplinkTests
{
    private const uint Messages = 500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_recorded_over_a_broker_is_at_the_gateway_with_a_receipt()
    {
        using TempFolder folder = new();
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(
            null, options => options.Mqtt = new GatewayMqttOptions { Address = broker.Address.OriginalString, Name = "gw-1" },
            null, Ct);
        await using MqttUplink uplink = new(broker.Address.OriginalString, new MqttUplinkOptions { VehicleId = "veh-042" });
        RecorderOptions options = new() { VehicleId = "veh-042", SpoolFolder = folder.At("spool"), FreeBytesMin = 0 };
        await using (LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(options, new RecorderPorts { Uplink = uplink }, Ct))
        {
            Channel<Imu> imu = recorder.Channel<Imu>("/imu");
            for (uint i = 1; i <= Messages; i++)
                Assert.Equal(WriteResult.Accepted, imu.Write(new MessageStamp(i, i, i), new Imu { FrameId = $"{i}" }));
            await recorder.DrainAsync(Ct);
            await Eventually.Holds(() => recorder.Ledger.Delivered == Messages);
        }

        await using AvClient client = AvClient.Connect(gateway.Address.OriginalString);
        uint number = 0;
        await foreach (Query.Message<Imu> message in client.Query().Vehicles("veh-042").ReadAsync<Imu>("/imu", Ct))
            Assert.Equal($"{++number}", message.Value.FrameId);
        Assert.Equal(Messages, number);
    }
}
