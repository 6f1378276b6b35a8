using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class ReconfigurationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_a_storm_of_writes_every_message_is_there_once_and_in_order_whatever_changes()
    {
        Bench bench = new() { Options = Options(Bench.Lane("a"), Bench.Lane("b")), Gateway = new FakeGateway() };
        LocalRecorder recorder = await bench.OpenAsync();
        RecorderOptions[] changes =
        [
            Options(Bench.Lane("b")),
            Options(Bench.Lane("a") with { Durability = LaneDurability.Memory }, Bench.Lane("c")) with
            {
                LaneRules = [new LaneRule("/0", "c"), new LaneRule("/1", "c", "together"), new LaneRule("/2", "a")],
            },
            Options(Bench.Lane("a"), Bench.Lane("b") with { Priority = 7 }, Bench.Lane("c")) with
            {
                LaneRules = [new LaneRule("/0", "a"), new LaneRule("/1", "b"), new LaneRule("/*", "c")],
            },
        ];
        using CancellationTokenSource storm = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        uint[] counts = new uint[4];
        Task<uint>[] writers =
        [
            .. Enumerable.Range(0, 4).Select(topic => Task.Run(async () =>
            {
                RecordingChannel channel = recorder.Channel(Bench.Spec("/" + topic));
                uint number = 0;
                while (!storm.IsCancellationRequested)
                {
                    number++;
                    Assert.Equal(
                        WriteResult.Accepted,
                        await channel.WriteRawAsync(Bench.At(number, number), Bench.Payload(number, 500), Ct));
                    Volatile.Write(ref counts[topic], number);
                }

                return number;
            })),
        ];
        for (int round = 0; round < 12; round++)
        {
            // Each of them: on a busy machine one may not run for the whole of a round.
            uint[] before = [.. counts];
            await Eventually.Holds(() =>
                Enumerable.Range(0, 4).All(topic => Volatile.Read(ref counts[topic]) > before[topic] + 5));
            Assert.Empty(await recorder.ReconfigureAsync(changes[round % changes.Length], Ct));
        }

        await storm.CancelAsync();
        uint[] written = await Task.WhenAll(writers);
        await recorder.DrainAsync(Ct);
        Assert.Equal((ulong)written.Sum(each => each), recorder.Ledger.Accepted);
        Assert.Equal(0UL, recorder.Ledger.Dropped);
        await recorder.DisposeAsync();

        for (int topic = 0; topic < 4; topic++)
            AssertWholeAndInOrder(bench.Gateway!, "/" + topic, written[topic]);
        RecordingEnd end = bench.Gateway!.Ends.Single();
        Assert.Equal(["a", "b", "c"], end.Lanes.Select(lane => lane.Lane).Order());
        Assert.Equal(bench.Gateway.Stored.Count, end.Lanes.Sum(lane => (int)lane.LastSequence));
    }

    [Fact]
    public async Task Options_with_problems_change_nothing_and_all_problems_are_told()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecorderOptions before = recorder.Options;
        IReadOnlyList<OptionProblem> problems = await recorder.ReconfigureAsync(
            before with
            {
                VehicleId = "veh-43",
                MemoryBytesMax = 128 << 20,
                Lanes = [Bench.Lane("other") with { QuotaBytes = 1 }],
                DefaultLane = "nowhere",
            }, Ct);

        Assert.Equal(
            ["DefaultLane", "Lanes[other].QuotaBytes", "MemoryBytesMax", "VehicleId"],
            problems.Select(problem => problem.Key).Order(StringComparer.Ordinal));
        Assert.Contains("veh-042; restart", problems.Single(problem => problem.Key == "VehicleId").Remedy, StringComparison.Ordinal);
        Assert.Same(before, recorder.Options);
        Assert.Equal("telemetry", recorder.Channel(Bench.Spec("/imu")).Spec.Lane);
        Assert.Equal(["telemetry"], recorder.Status.Lanes.Select(lane => lane.Name));
    }

    [Fact]
    public async Task A_lane_that_goes_is_sealed_and_its_channels_go_where_the_rules_say()
    {
        Bench bench = new() { Options = Options(Bench.Lane("a"), Bench.Lane("b")) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu", lane: "a"));
        RecordingToSpoolTests.WriteMany(imu, 1, 10, 100);
        Assert.Empty(await recorder.ReconfigureAsync(Options(Bench.Lane("b")), Ct));

        Assert.Equal("b", imu.Spec.Lane);
        Assert.True(McapScan.Run(new MemorySource(bench.Files.Read(bench.Files.Segments.Single()))).IsSealed);
        RecordingToSpoolTests.WriteMany(imu, 11, 10, 100);
        Assert.Empty(await recorder.ReconfigureAsync(Options(Bench.Lane("a"), Bench.Lane("b")), Ct));
        Assert.Equal("a", imu.Spec.Lane);
        RecordingToSpoolTests.WriteMany(imu, 21, 10, 100);
        await recorder.FlushAsync(Ct);

        Assert.Equal(
            ["a/000000000001.mcap", "a/000000000002.mcap", "b/000000000001.mcap"],
            bench.Files.Segments.Select(name => name[(name.IndexOf('/') + 1)..]));
        Assert.Equal([10UL, 20UL], recorder.Ledger.Topics.Select(topic => topic.Accepted).Order());
    }

    [Fact]
    public async Task What_moves_is_not_durable_in_the_new_lane_before_what_came_earlier_is_in_the_old_one()
    {
        Bench bench = new() { Options = Options(Bench.Lane("a"), Bench.Lane("b")) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(Guid.NewGuid(), Ct);
        RecordingChannel imu = source.Channel(Bench.Spec("/imu", lane: "a"));
        using ManualResetEventSlim mayFlush = new();
        bench.Files.BeforeFlush = name =>
        {
            if (name.Contains("/a/", StringComparison.Ordinal))
                mayFlush.Wait(Ct);
        };
        RecordingToSpoolTests.WriteMany(imu, 1, 10, 100);
        Task<IReadOnlyList<OptionProblem>> change = recorder.ReconfigureAsync(Options(Bench.Lane("b")), Ct);
        await Eventually.Holds(() => recorder.Options.Lanes.Count == 1 && imu.Spec.Lane == "b");
        RecordingToSpoolTests.WriteMany(imu, 11, 10, 100);
        Task flush = recorder.FlushAsync(Ct);
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/gnss")), 1, 1, 100);

        Assert.False(flush.IsCompleted);
        Assert.Empty(source.DurablePositions);
        Assert.DoesNotContain(bench.Files.Segments, name => name.Contains("/b/", StringComparison.Ordinal));
        mayFlush.Set();
        Assert.Empty(await change);
        await flush;
        Assert.Equal(20UL, source.DurablePositions["/imu"]);
    }

    [Fact]
    public async Task A_lane_that_becomes_sync_keeps_what_is_accepted_from_then_on_over_a_power_cut()
    {
        Bench bench = new() { Options = Options(Bench.Lane("a") with { Durability = LaneDurability.Memory }) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(imu, 1, 10, 100);
        await recorder.FlushAsync(Ct);
        Assert.Empty(await recorder.ReconfigureAsync(Options(Bench.Lane("a")), Ct));
        RecordingToSpoolTests.WriteMany(imu, 11, 10, 100);
        await recorder.FlushAsync(Ct);

        Bench after = new() { Files = bench.Files.CopyDurable() };
        string name = after.Files.Segments[^1];
        Assert.Equal(
            Enumerable.Range(11, 10).Select(number => (uint)number),
            Bench.ReadSegment(after.Files.Read(name)).Select(message => message.Sequence));
    }

    [Fact]
    public async Task Another_quota_holds_from_then_on()
    {
        LaneOptions lane = Bench.Lane("a") with { QuotaBytes = 4 << 20, Durability = LaneDurability.Memory };
        Bench bench = new() { Options = Options(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
        uint number = 0;
        while (imu.WriteRaw(Bench.At(++number, number), Bench.Payload(number, 60_000)) == WriteResult.Accepted)
            await recorder.FlushAsync(Ct);
        Assert.Empty(await recorder.ReconfigureAsync(Options(lane with { QuotaBytes = 8 << 20 }), Ct));
        Assert.Equal(WriteResult.Accepted, imu.WriteRaw(Bench.At(number, number), Bench.Payload(number, 60_000)));

        Assert.Empty(await recorder.ReconfigureAsync(Options(lane with { WhenFull = WhenFull.EvictOldest }), Ct));
        for (uint more = 0; more < 100; more++)
        {
            Assert.Equal(WriteResult.Accepted, imu.WriteRaw(Bench.At(++number, number), Bench.Payload(number, 60_000)));
            await recorder.FlushAsync(Ct);
        }

        Assert.True(recorder.Status.SpoolBytes <= 4 << 20);
    }

    [Fact]
    public async Task Labels_and_another_gateway_are_taken_at_once()
    {
        Bench bench = new() { Gateway = new FakeGateway() };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(imu, 1, 10, 100);
        await recorder.DrainAsync(Ct);
        FakeGateway other = new();
        RecorderOptions labelled = bench.Options with { Labels = new Dictionary<string, string> { ["route"] = "A9" } };
        Assert.Empty(await recorder.ReconfigureAsync(labelled, other, Ct));
        RecordingToSpoolTests.WriteMany(imu, 11, 10, 100);
        await recorder.DrainAsync(Ct);

        Assert.Equal(Enumerable.Range(11, 10).Select(number => (uint)number), UploadTests.Stored(other));
        Assert.Equal("A9", other.Recordings.Values.Single().Recording.Labels["route"]);
    }

    private static RecorderOptions Options(params LaneOptions[] lanes) => new()
    {
        VehicleId = "veh-042",
        Lanes = lanes,
        FreeBytesMin = 0,
        CompressionWorkers = 2,
    };

    // A channel that moves has another id: each id's messages are in order, and together they are all, once.
    private static void AssertWholeAndInOrder(FakeGateway gateway, string topic, uint count)
    {
        Define define = gateway.Recordings.Values.Single();
        HashSet<uint> ids =
            [.. define.Channels.Where(channel => channel.Topic == topic).Select(channel => channel.ChannelId)];
        List<uint> all = [];
        Dictionary<ushort, uint> last = [];
        foreach ((ChunkRef _, byte[] body) in gateway.Stored.OrderBy(chunk => chunk.Key.Lane, StringComparer.Ordinal)
            .ThenBy(chunk => chunk.Key.Sequence))
        {
            using System.Buffers.IMemoryOwner<byte> records = ChunkBody.Decompress(body);
            foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
            {
                if (!ids.Contains(message.ChannelId))
                    continue;
                Assert.True(message.Sequence > last.GetValueOrDefault(message.ChannelId));
                last[message.ChannelId] = message.Sequence;
                all.Add(message.Sequence);
            }
        }

        Assert.Equal(Enumerable.Range(1, (int)count).Select(number => (uint)number), all.Order());
        Assert.True(ids.Count > 1, $"{topic} never moved");
    }
}
