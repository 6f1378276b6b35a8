using System.Collections.Concurrent;
using System.Net.Sockets;
using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Mqtt;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Transport;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Tests.Mqtt.Interop;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;
using Microsoft.Extensions.DependencyInjection;

namespace AvSdk.Tests.Uplink;

/// <summary>What is urgent waits behind no queue of ours on its way to a broker.</summary>
public sealed class MqttUrgentTests
{
    private const int PartBytes = 64 << 10;
    private const int TcpLevel = 6;
    private const int NotSentLowWaterOption = 25;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_urgent_chunk_overtakes_within_one_part_while_the_link_takes_nothing()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(
            null, options => options.Mqtt = new GatewayMqttOptions { Address = broker.Address.OriginalString, Name = "gw-1" },
            null, Ct);
        GatewayRuntime runtime = gateway.Services.GetRequiredService<GatewayRuntime>();
        await Eventually.Holds(() => runtime.MqttProblem is null, "the gateway's connection to the broker");
        using Valve valve = new();
        await using MqttUplink mqtt = new(broker.Address.OriginalString, new MqttUplinkOptions
        {
            VehicleId = "veh-042",
            ConnectChannel = async token => new ValvedChannel(
                await MqttChannels.ConnectAsync(new MqttClientOptions { Address = broker.Address }, token), valve),
        });
        Watched uplink = new(mqtt);
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            Lanes = [Bench.Lane() with { ChunkBytes = 1 << 20 }, Bench.Lane("events") with { Priority = 10 }],
            FreeBytesMin = 0,
            Upload = new UploadOptions { PartBytes = PartBytes, DrainTimeout = TimeSpan.Zero },
        };
        RecorderPorts ports = new() { Files = new MemoryFiles(), Uplink = uplink };
        await using LocalRecorder recorder = await LocalRecorder.OpenAsync(options, ports, Ct);
        RecordingChannel events = recorder.Channel(Bench.Spec("/event", "events"));
        RecordingChannel telemetry = recorder.Channel(Bench.Spec("/telemetry", "telemetry"));
        for (uint number = 1; number <= 40; number++)
            Assert.Equal(WriteResult.Accepted, telemetry.WriteRaw(Bench.At(number, number), Bench.Payload(number, 100_000)));
        await recorder.FlushAsync(Ct);

        // The link takes no part, and so none is given to it but the first.
        await Eventually.Holds(() => valve.Waiting == 1, "the first part");
        Assert.Equal(WriteResult.Accepted, events.WriteRaw(Bench.At(50, 1), Bench.Payload(50, 20_000)));
        await recorder.FlushAsync(Ct);
        Assert.Equal(["telemetry"], uplink.Parts);

        // It takes that one; the event's header follows, and the gateway says from where it wants it before more is taken.
        valve.Let(1);
        await Eventually.Holds(() => uplink.IsEventAnswered, "the gateway's answer");
        valve.Let(int.MaxValue);
        await Eventually.Holds(() => recorder.Status.Lanes[1].PendingChunks == 0, "the event's receipt");
        Assert.Equal(["telemetry", "announced"], uplink.Sent.Take(2));
        Assert.InRange(uplink.Sent.ToList().IndexOf("events"), 2, 3);
    }

    [Fact]
    public async Task The_kernel_is_given_little_that_it_cannot_send_yet()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("TCP_NOTSENT_LOWAT is Linux'");
        await using Mosquitto broker = await Mosquitto.StartAsync();
        List<Socket> sockets = [];
        await using MqttUplink uplink = new(broker.Address.OriginalString, new MqttUplinkOptions
        {
            VehicleId = "veh-042",
            ConnectSocket = async (host, port, token) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(host, port, token);
                return socket;
            },
        });
        await using IUplinkSession session = await uplink.ConnectAsync(Ct);
        byte[] value = new byte[4];
        Assert.Equal(4, sockets.Single().GetRawSocketOption(TcpLevel, NotSentLowWaterOption, value));
        Assert.Equal(64 << 10, BitConverter.ToInt32(value));
    }

    /// <summary>Lets long writes through, as many as the test says.</summary>
    private sealed class Valve : IDisposable
    {
        private readonly SemaphoreSlim _open = new(0);
        private int _waiting;
        private volatile bool _isWideOpen;

        /// <summary>Writes that wait, or waited: not those that came after it was opened for good.</summary>
        public int Waiting => Volatile.Read(ref _waiting);

        public void Let(int writes)
        {
            _isWideOpen = writes == int.MaxValue;
            _open.Release(_isWideOpen ? 1 : writes);
        }

        public async ValueTask PassAsync(CancellationToken cancellationToken)
        {
            if (_isWideOpen)
                return;
            Interlocked.Increment(ref _waiting);
            await _open.WaitAsync(cancellationToken);
        }

        public void Dispose() => _open.Dispose();
    }

    /// <summary>A connection whose parts wait at a valve. They are the only payloads that go behind their head.</summary>
    private sealed class ValvedChannel(IMqttChannel inner, Valve valve) : IMqttChannel
    {
        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            inner.ReadAsync(buffer, cancellationToken);

        public async ValueTask WriteAsync(
            ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
        {
            if (!tail.IsEmpty)
                await valve.PassAsync(cancellationToken);
            await inner.WriteAsync(head, tail, cancellationToken);
        }

        public ValueTask CloseAsync(CancellationToken cancellationToken) => inner.CloseAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    /// <summary>
    /// Notes, from the first part on, the lane of each part and the event's announcement, in the order in which the recorder
    /// gives them to the uplink.
    /// </summary>
    private sealed class Watched(MqttUplink uplink) : IUplink
    {
        public string Name => uplink.Name;

        public ConcurrentQueue<string> Sent { get; } = new();

        public IEnumerable<string> Parts => Sent.Where(static sent => sent != "announced");

        /// <summary>The recorder has taken the gateway's answer in, and waits for the next.</summary>
        public bool IsEventAnswered { get; private set; }

        public async ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken) =>
            new Session(this, await uplink.ConnectAsync(cancellationToken));

        private sealed class Session(Watched watched, IUplinkSession inner) : IUplinkSession
        {
            private bool _isAnswer;

            public ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
            {
                if (request.Part is { } part)
                    watched.Sent.Enqueue(part.Ref.Lane);
                else if (request.Announce?.Headers.Any(static header => header.Ref.Lane == "events") == true)
                    watched.Sent.Enqueue("announced");
                return inner.SendAsync(request, cancellationToken);
            }

            public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
            {
                watched.IsEventAnswered |= _isAnswer;
                UploadReply? reply = await inner.ReceiveAsync(cancellationToken);
                _isAnswer |= reply?.Announced?.States.Any(static state => state.Ref.Lane == "events") == true;
                return reply;
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
