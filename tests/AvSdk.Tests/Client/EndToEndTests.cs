using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;
using QueryPlan = AvSdk.Query.QueryPlan;

namespace AvSdk.Tests.Client;

public sealed class EndToEndTests
{
    private const ulong Start = 1_700_000_000_000_000_000;
    private const uint Messages = 500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_recorded_by_type_is_read_by_type()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.At("gateway"));
        Guid recordingId = await RecordAsync(folder.At("spool"), gateway);
        await using AvClient client = AvClient.Connect(gateway.Channel.Address.OriginalString);

        AvQuery query = client.Query().Vehicles("veh-042").Topics("/imu", "/can/*");
        QueryPlan plan = await query.PlanAsync(Token);
        Assert.Equal(2UL * Messages, plan.MessagesMax);
        Assert.Equal(["/can/0", "/imu"], plan.Topics.Select(topic => topic.Topic));

        uint number = 0;
        await foreach (Message<Imu> message in query.ReadAsync<Imu>("/imu", Token))
        {
            number++;
            Assert.Equal((Start + number, number, $"{number}"), (message.LogTime, message.Sequence, message.Value.FrameId));
            Assert.Equal(("veh-042", recordingId), (message.Origin.VehicleId, message.Origin.RecordingId));
        }

        Assert.Equal(Messages, number);

        AvQuery some = query.Between(Start + 10, Start + 20);
        List<(string Topic, ulong LogTime)> raw = [];
        await foreach (RawMessage message in some.ReadRawAsync(Token))
            raw.Add((message.Topic, message.LogTime - Start));
        Assert.Equal(20, raw.Count);
        Assert.Equal(raw.OrderBy(each => each.LogTime).Select(each => each.LogTime), raw.Select(each => each.LogTime));
        Assert.Equal([10UL, 19UL], [raw[0].LogTime, raw[^1].LogTime]);
    }

    [Fact]
    public async Task The_catalogue_tells_vehicles_recordings_topics_and_coverage()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.At("gateway"));
        Guid recordingId = await RecordAsync(folder.At("spool"), gateway);
        await using AvClient client = AvClient.Connect(gateway.Channel.Address.OriginalString);

        VehicleEntry vehicle = Assert.Single(await client.Catalogue.VehiclesAsync(Token));
        Assert.Equal(("veh-042", 1UL), (vehicle.VehicleId, vehicle.Recordings));
        RecordingEntry recording = Assert.Single(
            await client.Catalogue.RecordingsAsync(null, Token).ToListAsync(Token));
        Assert.Equal((recordingId, 2UL * Messages), (recording.RecordingId, recording.Messages));
        Assert.Equal(Start + 1, recording.FirstLogTime);
        Assert.Equal(
            ["/can/0", "/imu"], (await client.Catalogue.TopicsAsync(client.Query(), Token)).Select(topic => topic.Topic));
        Assert.All(await client.Catalogue.CoverageAsync(null, Token), range => Assert.True(range.Stored));
        RequestedChunks requested = await client.Query().RequestAsync(Token);
        Assert.Equal(0UL, requested.Chunks);
    }

    [Fact]
    public async Task The_gateways_refusals_arrive_as_they_were_said()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.At("gateway"));
        await RecordAsync(folder.At("spool"), gateway);
        await using AvClient client = AvClient.Connect(gateway.Channel.Address.OriginalString);
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(async () =>
        {
            await foreach (Message<Imu> _ in client.Query().ReadAsync<Imu>("/imuu", Token))
            {
            }
        });
        Assert.Equal(AvQueryError.UnknownTopic, error.Error);
        Assert.Contains("Did you mean /imu?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selection_opens_as_one_mcap_file_from_either_port()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.At("gateway"));
        await RecordAsync(folder.At("spool"), gateway);
        foreach (Uri? web in new[] { null, gateway.Http.BaseAddress })
        {
            AvClientOptions options = new() { WebAddress = web };
            await using AvClient client = AvClient.Connect(gateway.Channel.Address.OriginalString, options);
            AvQuery query = client.Query().Vehicles("veh-042").Topics("/imu").Between(Start, Start + 11);
            await using Stream mcap = await query.OpenMcapAsync(Token);
            using McapStreamReader reader = new(mcap);
            List<ulong> times = [];
            while (await reader.ReadMessageAsync(Token))
                times.Add(reader.Message.LogTime - Start);
            Assert.Superset(Enumerable.Range(1, 10).Select(each => (ulong)each).ToHashSet(), times.ToHashSet());
            Assert.Equal("av.v1.Imu", Assert.Single(reader.Schemas.Values).Name);
        }
    }

    private static async Task<Guid> RecordAsync(string spool, GatewayServer gateway)
    {
        RecorderOptions options = new() { VehicleId = "veh-042", SpoolFolder = spool, FreeBytesMin = 0 };
        RecorderPorts ports = new() { Uplink = new GrpcUplink(gateway.Channel.Address.OriginalString) };
        await using LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(options, ports, Token);
        Channel<Imu> imu = recorder.Channel<Imu>("/imu");
        Channel<CanFrame> can = recorder.Channel<CanFrame>("/can/0", lane: "events");
        for (uint i = 1; i <= Messages; i++)
        {
            MessageStamp stamp = new(Start + i, Start + i, i);
            Assert.Equal(WriteResult.Accepted, imu.Write(stamp, new Imu { FrameId = $"{i}" }));
            Assert.Equal(WriteResult.Accepted, can.Write(Start + i, new CanFrame { Id = i }));
        }

        await recorder.DrainAsync(Token);
        await Eventually.Holds(() => recorder.Ledger.Delivered == 2 * Messages);
        return recorder.RecordingId;
    }
}
