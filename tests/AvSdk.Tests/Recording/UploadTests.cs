using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class UploadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_chunk_is_delivered_once_and_the_ledger_says_so()
    {
        Bench bench = new() { Gateway = new FakeGateway() };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 500, 1000);
        await recorder.DrainAsync(Ct);

        Assert.Equal(500UL, recorder.Ledger.Delivered);
        Assert.Equal(0UL, recorder.Ledger.Topics.Single().Pending);
        Assert.Equal(bench.Gateway.AnnouncedCount, bench.Gateway.Stored.Count);
        Assert.Equal(Stored(bench.Gateway), Enumerable.Range(1, 500).Select(number => (uint)number));
        Assert.Equal(UplinkState.Connected, recorder.Status.Uplink.State);
        Assert.Equal(bench.Gateway.Stored.Count, recorder.Status.Uplink.ChunksDelivered);
        Assert.Equal(0, recorder.Status.Lanes[0].PendingChunks);
    }

    [Fact]
    public async Task A_recording_is_defined_before_it_is_announced_and_its_end_is_told()
    {
        Bench bench = new() { Gateway = new FakeGateway() };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 1, 100);
        recorder.Channel(Bench.Spec("/imu")).CountLost(3, "source");
        await recorder.DrainAsync(Ct);
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/gnss")), 1, 1, 100);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();

        Define define = bench.Gateway.Recordings.Values.Single();
        Assert.Equal(["/imu", "/gnss"], define.Channels.Select(channel => channel.Topic));
        Assert.Equal("veh-042", define.Recording.VehicleId);
        string[] requests = [.. bench.Gateway.Requests];
        Assert.Equal("Open", requests[0]);
        Assert.True(Array.IndexOf(requests, "Define") < Array.IndexOf(requests, "Announce"));
        RecordingEnd end = bench.Gateway.Ends.Single();
        Assert.True(end.Orderly);
        Assert.Equal(2UL, end.Lanes.Single().LastSequence);
        Assert.Equal((3UL, "source"), (end.Losses.Single().Messages, end.Losses.Single().Reason));
    }

    [Fact]
    public async Task Segments_are_deleted_when_all_their_chunks_have_receipts()
    {
        Bench bench = new() { Gateway = new FakeGateway() };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 50, 1000);
        await recorder.DrainAsync(Ct);
        Assert.Single(bench.Files.Segments);
        await recorder.DisposeAsync();

        Assert.Empty(bench.Files.Segments);
        Assert.Equal(["journal"], bench.Files.Names);
    }

    [Fact]
    public async Task Segments_are_kept_as_long_as_the_policy_says()
    {
        LaneOptions lane = Bench.Lane() with
        {
            KeepAfterReceipt = TimeSpan.FromMinutes(5),
            SegmentAgeMax = TimeSpan.FromSeconds(1),
        };
        // The clock leaps: an answer that is owed for a ledger would be taken for lost.
        FakeGateway gateway = new() { TakesLedger = false };
        Bench bench = new() { Gateway = gateway, Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 50, 1000);
        await recorder.DrainAsync(Ct);
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        await recorder.FlushAsync(Ct);
        bench.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Single(bench.Files.Segments);

        bench.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(bench.Files.Segments);
    }

    [Fact]
    public async Task After_a_cut_the_upload_resumes_at_the_part()
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway { PartBytesMax = 4096, CutAfterParts = 10 },
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { ChunkBytes = 1 << 20 }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 100, 1000);
        await DrainThroughRetriesAsync(bench, recorder);

        Assert.Equal(2, bench.Gateway.Attempts);
        (ChunkRef Ref, ulong Offset, int Bytes)[] parts = [.. bench.Gateway.Parts];
        Assert.Equal(parts.Length, parts.DistinctBy(part => part.Offset).Count());
        Assert.Equal(bench.Gateway.Stored.Values.Single().Length, parts.Sum(part => part.Bytes));
    }

    [Fact]
    public async Task A_gateway_that_is_down_is_tried_again_and_nothing_is_lost()
    {
        Bench bench = new() { Gateway = new FakeGateway { Refusals = 5 } };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 100, 1000);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => recorder.Status.Uplink is { State: UplinkState.Waiting, Attempts: 1 });
        Assert.Equal("Connection refused.", recorder.Status.Uplink.LastError);
        Assert.Equal(100UL, recorder.Ledger.Topics.Single().Pending);

        await DrainThroughRetriesAsync(bench, recorder);
        Assert.Equal(6, bench.Gateway.Attempts);
        Assert.Equal(100UL, recorder.Ledger.Delivered);
    }

    [Fact]
    public async Task A_receipt_that_comes_twice_counts_once()
    {
        Bench bench = new() { Gateway = new FakeGateway { DuplicateReceipts = true } };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 500, 1000);
        await recorder.DrainAsync(Ct);

        Assert.Equal(500UL, recorder.Ledger.Delivered);
    }

    [Fact]
    public async Task A_chunk_that_the_gateway_has_is_not_sent_again()
    {
        FakeGateway gateway = new();
        Bench bench = new() { Gateway = gateway };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 50, 1000);
        await recorder.FlushAsync(Ct);
        MemoryFiles before = bench.Files.Copy();
        await recorder.DrainAsync(Ct);
        int parts = gateway.Parts.Count;

        // Killed before the receipts reached the journal.
        Bench after = new() { Gateway = gateway, Files = before };
        await using LocalRecorder second = await after.OpenAsync();
        await second.DrainAsync(Ct);

        Assert.Equal(parts, gateway.Parts.Count);
        Assert.Equal(0, second.Status.Lanes[0].PendingChunks);
    }

    [Fact]
    public async Task A_rejected_chunk_is_kept_in_quarantine_and_the_rest_goes_on()
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway
            {
                Judge = chunk => chunk.Sequence == 2
                    ? new Receipt { Outcome = Receipt.Types.Outcome.Rejected, Reason = "No." }
                    : null,
            },
        };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 300, 1000);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();

        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.InRange(topic.Damaged, 50UL, 70UL);
        Assert.Equal(300UL, topic.Delivered + topic.Damaged);
        Assert.Equal(1, recorder.Status.Uplink.ChunksRejected);
        Assert.EndsWith(".mcap.damaged", bench.Files.Names.Single(name => name != "journal"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunk_that_is_to_be_sent_later_is_sent_later_and_others_do_not_wait()
    {
        int asked = 0;
        Bench bench = new();
        bench = new Bench
        {
            Gateway = new FakeGateway
            {
                Judge = chunk => chunk.Sequence == 1 && asked++ == 0
                    ? new Receipt { Outcome = Receipt.Types.Outcome.RetryLater, RetryAfterMs = 5000 }
                    : null,
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 300, 1000);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => recorder.Status.Lanes[0].PendingChunks == 1);
        Assert.Equal(1, asked);

        Task drain = recorder.DrainAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return drain.IsCompleted;
        });
        await drain;
        Assert.Equal(2, asked);
        Assert.Equal(300UL, recorder.Ledger.Delivered);
    }

    [Fact]
    public async Task A_chunk_of_a_more_urgent_lane_overtakes_at_the_next_part()
    {
        TaskCompletionSource held = new();
        TaskCompletionSource release = new();
        int parts = 0;
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(
                Bench.Lane("sensors") with { ChunkBytes = 1 << 20 }, Bench.Lane("events") with { Priority = 10 }),
            Gateway = new FakeGateway
            {
                PartBytesMax = 4096,
                OnPart = async _ =>
                {
                    if (++parts == 3)
                    {
                        held.SetResult();
                        await release.Task;
                    }
                },
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/lidar", "sensors")), 1, 100, 1000);
        await recorder.FlushAsync(Ct);
        await held.Task.WaitAsync(Ct);
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/brake", "events")), 1, 10, 1000);
        await recorder.FlushAsync(Ct);
        // Its header needs a way there and back before its first part can go.
        bench.Gateway.OnPart = _ => Eventually.Holds(() => bench.Gateway.IsTaken);
        release.SetResult();
        await recorder.DrainAsync(Ct);

        string[] lanes = [.. bench.Gateway.Parts.Select(part => part.Ref.Lane)];
        int first = Array.IndexOf(lanes, "events");
        int last = Array.LastIndexOf(lanes, "events");
        Assert.InRange(first, 3, 5);
        Assert.All(lanes[first..last], lane => Assert.Equal("events", lane));
        Assert.Equal("sensors", lanes[^1]);
    }

    [Fact]
    public async Task A_chunk_that_somebody_asked_for_goes_first()
    {
        TaskCompletionSource held = new();
        TaskCompletionSource release = new();
        FakeGateway gateway = new() { PartBytesMax = 4096 };
        gateway.OnPart = async _ =>
        {
            held.TrySetResult();
            await release.Task;
            // What the gateway said is known before the next part is chosen.
            await Eventually.Holds(() => gateway.IsTaken);
        };
        Bench bench = new() { Gateway = gateway };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 1000, 1000);
        await recorder.FlushAsync(Ct);
        await held.Task.WaitAsync(Ct);
        ulong wanted = recorder.Status.Lanes[0].LastSequence;
        gateway.Request(new ChunkRef
        {
            RecordingId = RecordingIds.ToBytes(recorder.RecordingId),
            Lane = "telemetry",
            Sequence = wanted,
        });
        await Eventually.Holds(() => gateway.IsTaken);
        release.SetResult();
        await recorder.DrainAsync(Ct);

        ulong[] order = [.. gateway.Parts.Select(part => part.Ref.Sequence).Distinct()];
        Assert.InRange(Array.IndexOf(order, wanted), 0, 1);
        Assert.Equal(wanted, (ulong)order.Length);
    }

    [Fact]
    public async Task Parts_without_a_receipt_stay_within_the_window_and_a_chunk_larger_than_it_goes_through()
    {
        Bench bench = new()
        {
            Gateway = new FakeGateway { PartBytesMax = 4096, WindowBytes = 8192 },
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { ChunkBytes = 1 << 20 }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 5; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 50), 50, 1000);
            await recorder.FlushAsync(Ct);
        }

        await recorder.DrainAsync(Ct);
        Assert.Equal(5, bench.Gateway.Stored.Count);
    }

    [Fact]
    public async Task A_schema_goes_once_by_hash_and_whole_only_when_it_is_missed()
    {
        FakeGateway gateway = new();
        Bench first = new() { Gateway = gateway };
        await using (LocalRecorder recorder = await first.OpenAsync())
        {
            RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 1, 100);
            await recorder.DrainAsync(Ct);
        }

        int definesBefore = gateway.Requests.Count(kind => kind == "Define");
        await using (LocalRecorder recorder = await new Bench { Gateway = gateway }.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            RecordingToSpoolTests.WriteMany(channel, 1, 1, 100);
            await recorder.DrainAsync(Ct);
        }

        // Known by now: the recording's Define, perhaps one more with the channel, and no schema after them.
        Assert.InRange(definesBefore, 2, 3);
        Assert.InRange(gateway.Requests.Count(kind => kind == "Define") - definesBefore, 1, 2);
    }

    [Fact]
    public async Task What_is_evicted_while_it_waits_is_not_sent()
    {
        LaneOptions lane = Bench.Lane() with
        {
            QuotaBytes = 4 << 20,
            SegmentBytesMax = 1 << 20,
            WhenFull = WhenFull.EvictOldest,
            Durability = LaneDurability.Memory,
        };
        TaskCompletionSource release = new();
        Bench bench = new()
        {
            Gateway = new FakeGateway { PartBytesMax = 4096, OnPart = _ => release.Task },
            Options = RecordingToSpoolTests.OptionsOf(lane),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 30; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 30_000);
            await recorder.FlushAsync(Ct);
        }

        release.SetResult();
        await recorder.DrainAsync(Ct);
        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.True(topic.Evicted > 0);
        Assert.Equal(300UL, topic.Delivered + topic.Evicted);
        Assert.Equal(topic.Delivered, (ulong)Stored(bench.Gateway).Count);
    }

    internal static async Task DrainThroughRetriesAsync(Bench bench, LocalRecorder recorder)
    {
        Task drain = recorder.DrainAsync(Ct);
        await Eventually.Holds(() =>
        {
            if (recorder.Status.Uplink.State == UplinkState.Waiting)
                bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            return drain.IsCompleted;
        });
        await drain;
    }

    internal static List<uint> Stored(FakeGateway gateway)
    {
        List<uint> sequences = [];
        foreach ((ChunkRef _, byte[] body) in gateway.Stored.OrderBy(chunk => chunk.Key.Sequence))
        {
            using System.Buffers.IMemoryOwner<byte> records = ChunkBody.Decompress(body);
            foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
                sequences.Add(message.Sequence);
        }

        return sequences;
    }
}
