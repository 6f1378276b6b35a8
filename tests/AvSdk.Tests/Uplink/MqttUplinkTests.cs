using System.Collections.Concurrent;
using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Mqtt;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Mqtt.Interop;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public async Task A_gateway_with_as_many_streams_as_it_takes_says_when_to_come_back_and_the_recorder_does()
    {
        using TempFolder folder = new();
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(
            null,
            options => options.Mqtt = new GatewayMqttOptions
            {
                Address = broker.Address.OriginalString,
                Name = "gw-1",
                StreamsMax = 1,
            },
            null, Ct);
        await using MqttUplink first = new(broker.Address.OriginalString, new MqttUplinkOptions { VehicleId = "veh-1" });
        GatewayRuntime runtime = gateway.Services.GetRequiredService<GatewayRuntime>();
        await Eventually.Holds(() => runtime.MqttProblem is null, "the gateway's connection to the broker");
        IUplinkSession held = await first.ConnectAsync(Ct);
        await held.SendAsync(
            new UploadRequest { Open = new Open { Protocol = 1, VehicleId = "veh-1", Software = "test/1" } }, Ct);
        Assert.NotNull((await held.ReceiveAsync(Ct))!.Opened);

        await using MqttUplink uplink = new(broker.Address.OriginalString, new MqttUplinkOptions { VehicleId = "veh-042" });
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            SpoolFolder = folder.At("spool"),
            FreeBytesMin = 0,
            Upload = new() { RetryDelay = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(40) },
        };
        TimedAttempts attempts = new(uplink);
        await using LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(options, new RecorderPorts { Uplink = attempts }, Ct);
        await Eventually.Holds(
            () => recorder.Status.Uplink?.LastError?.Contains("come back in", StringComparison.Ordinal) == true,
            "the gateway's word");
        await Eventually.Holds(() => attempts.Between.Count > 0, "the second attempt");

        // A slot begins two seconds after the refusal; by its own delays the recorder would have come at once.
        Assert.All(attempts.Between, between => Assert.True(between > TimeSpan.FromSeconds(1), $"came back after {between}"));
        await held.DisposeAsync();
        Channel<Imu> imu = recorder.Channel<Imu>("/imu");
        for (uint i = 1; i <= Messages; i++)
            Assert.Equal(WriteResult.Accepted, imu.Write(new MessageStamp(i, i, i), new Imu { FrameId = $"{i}" }));
        await recorder.DrainAsync(Ct);
        await Eventually.Holds(() => recorder.Ledger.Delivered == Messages);
    }

    // How long after one attempt was told its end the next one began.
    private sealed class TimedAttempts(IUplink uplink) : IUplink
    {
        private readonly ConcurrentQueue<TimeSpan> _between = new();
        private long _toldAt;

        public IReadOnlyCollection<TimeSpan> Between => _between;

        public string Name => uplink.Name;

        public async ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
        {
            if (_toldAt != 0)
                _between.Enqueue(TimeProvider.System.GetElapsedTime(_toldAt));
            return new Session(this, await uplink.ConnectAsync(cancellationToken));
        }

        private sealed class Session(TimedAttempts owner, IUplinkSession session) : IUplinkSession
        {
            public ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken) =>
                session.SendAsync(request, cancellationToken);

            public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
            {
                try
                {
                    return await session.ReceiveAsync(cancellationToken);
                }
                catch (UplinkException)
                {
                    owner._toldAt = TimeProvider.System.GetTimestamp();
                    throw;
                }
            }

            public ValueTask DisposeAsync() => session.DisposeAsync();
        }
    }
}
