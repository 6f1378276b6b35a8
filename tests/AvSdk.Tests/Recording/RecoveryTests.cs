using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class RecoveryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_kill_every_whole_chunk_is_delivered_and_the_end_is_told_as_not_orderly()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 300, 1000);
        await first.FlushAsync(Ct);

        Bench bench = new() { Files = killed.Files.Copy(), Gateway = new FakeGateway() };
        LocalRecorder second = await bench.OpenAsync();
        Assert.NotEqual(first.RecordingId, second.RecordingId);
        await second.DrainAsync(Ct);
        await second.DisposeAsync();

        Assert.Equal(Enumerable.Range(1, 300).Select(number => (uint)number), UploadTests.Stored(bench.Gateway));
        RecordingEnd end = bench.Gateway.Ends.Single(end => !end.Orderly);
        Assert.Equal(RecordingIds.ToBytes(first.RecordingId), end.RecordingId);
        Assert.Equal((ulong)bench.Gateway.Stored.Count, end.Lanes.Single().LastSequence);
        Assert.Equal(Bench.At(300).LogTime, end.EndedAt);
        Assert.Equal("veh-042", bench.Gateway.Recordings[end.RecordingId].Recording.VehicleId);
        Assert.Equal(["/imu"], bench.Gateway.Recordings[end.RecordingId].Channels.Select(channel => channel.Topic));
        Assert.Equal(["journal"], bench.Files.Names);
        RecoveryStatus status = second.Status.Recovery;
        Assert.Equal((true, 1, 1, 0), (status.IsDone, status.Recordings, status.Segments, status.DamagedFiles));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_segment_of_which_a_flush_fails_is_written_anew_and_no_power_cut_takes_what_was_told_of_it(int failures)
    {
        Bench killed = new() { Options = new Bench().Options with { Lanes = [Bench.Lane() with { Durability = LaneDurability.Memory }] } };
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 300, 1000);
        await Eventually.Holds(() => killed.Files.Segments.Count == 1 && first.Status.Lanes[0].PendingChunks > 0);
        Bench bench = new() { Files = killed.Files.CopyCached() };
        string name = bench.Files.Segments.Single();
        Assert.Empty(bench.Files.CopyDurable().Read(name));
        bench.Files.BeforeFlush = file =>
        {
            if (file.StartsWith(name, StringComparison.Ordinal) && failures-- > 0)
                throw new IOException("Input/output error.");
        };

        await using LocalRecorder second = await bench.OpenAsync();
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return second.Status.Recovery.IsDone;
        });

        Assert.True(failures < 0, "no flush failed");
        Assert.Equal(bench.Files.Read(name), bench.Files.CopyDurable().Read(name));
        Assert.Equal(second.Status.Lanes[0].PendingChunks, McapScan.Run(new MemorySource(bench.Files.Read(name))).Chunks.Count);
        Assert.DoesNotContain(bench.Files.Names, static file => file.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tail_torn_at_any_byte_of_the_last_chunk_costs_that_chunk_alone()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 3, 100);
        await first.FlushAsync(Ct);
        string name = killed.Files.Segments.Single();
        int wholeBytes = killed.Files.Read(name).Length;
        RecordingChannel late = first.Channel(Bench.Spec("/gnss"));
        RecordingToSpoolTests.WriteMany(late, 4, 2, 100);
        await first.FlushAsync(Ct);
        byte[] all = killed.Files.Read(name);

        for (int length = wholeBytes; length <= all.Length; length++)
        {
            Bench bench = new() { Files = killed.Files.Copy() };
            bench.Files.Write(name, all.AsSpan(0, length));
            LocalRecorder second = await bench.OpenAsync();
            await Eventually.Holds(() => second.Status.Recovery.IsDone);

            McapScan scan = McapScan.Run(new MemorySource(bench.Files.Read(name)));
            Assert.True(scan.IsSealed);
            int expected = length == all.Length ? 5 : 3;
            Assert.Equal(expected, bench.ReadAll().Count);
            Assert.Equal(expected == 5 ? 2 : 1, second.Status.Lanes[0].PendingChunks);
            Assert.Equal(expected == 5 ? 0 : length - wholeBytes, second.Status.Recovery.BytesCut);
            Assert.Equal(0, second.Status.Recovery.DamagedFiles);
            await second.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_tail_of_zeros_or_with_a_wrong_hash_is_cut()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 3, 1000);
        await first.FlushAsync(Ct);
        string name = killed.Files.Segments.Single();
        int wholeBytes = killed.Files.Read(name).Length;
        RecordingToSpoolTests.WriteMany(channel, 4, 3, 1000);
        await first.FlushAsync(Ct);

        foreach (bool zeros in new[] { true, false })
        {
            byte[] bytes = killed.Files.Read(name);
            if (zeros)
                bytes.AsSpan(wholeBytes).Clear();
            else
                bytes[^500] ^= 0x40;
            Bench bench = new() { Files = killed.Files.Copy() };
            bench.Files.Write(name, bytes);
            await using LocalRecorder second = await bench.OpenAsync();
            await Eventually.Holds(() => second.Status.Recovery.IsDone);
            Assert.Equal(3, bench.ReadAll().Count);
            Assert.Equal(0, second.Status.Recovery.DamagedFiles);
        }
    }

    [Fact]
    public async Task A_segment_torn_before_its_first_chunk_is_removed()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await first.FlushAsync(Ct);
        string name = killed.Files.Segments.Single();
        byte[] all = killed.Files.Read(name);
        int firstChunkEnd = all.Length;

        for (int length = 0; length < firstChunkEnd; length += 7)
        {
            Bench bench = new() { Files = killed.Files.Copy() };
            bench.Files.Write(name, all.AsSpan(0, length));
            await using LocalRecorder second = await bench.OpenAsync();
            await Eventually.Holds(() => second.Status.Recovery.IsDone);
            Assert.Empty(bench.Files.Segments);
            Assert.Equal(0, second.Status.Recovery.DamagedFiles);
        }
    }

    [Fact]
    public async Task A_damaged_segment_is_put_aside_and_what_is_whole_in_it_is_delivered()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 3; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 1000);
            await first.FlushAsync(Ct);
        }

        string name = killed.Files.Segments.Single();
        byte[] bytes = killed.Files.Read(name);
        bytes[bytes.Length / 2] ^= 0x01;
        Bench bench = new() { Files = killed.Files.Copy(), Gateway = new FakeGateway() };
        bench.Files.Write(name, bytes);
        LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        await second.DisposeAsync();

        Assert.Equal([1UL, 3UL], bench.Gateway.Stored.Keys.Select(chunk => chunk.Sequence).Order());
        Assert.Equal(1, second.Status.Recovery.DamagedFiles);
        Assert.Contains(name + ".damaged", bench.Files.Names);
        Assert.Empty(bench.Files.Segments);
    }

    [Fact]
    public async Task A_file_that_is_no_segment_is_put_aside_and_recording_goes_on()
    {
        Bench bench = new();
        string name = $"{Guid.CreateVersion7()}/telemetry/000000000001.mcap";
        bench.Files.Write(name, Bench.Payload(1, 10_000));
        bench.Files.Write("notes.txt", "hello"u8);
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await recorder.FlushAsync(Ct);
        await Eventually.Holds(() => recorder.Status.Recovery.IsDone);

        Assert.Equal(1, recorder.Status.Recovery.DamagedFiles);
        Assert.Contains(name + ".damaged", bench.Files.Names);
        Assert.Contains("notes.txt", bench.Files.Names);
        Assert.Equal(3, bench.ReadAll().Count);
    }

    [Fact]
    public async Task A_chunk_damaged_in_a_sealed_segment_is_found_by_the_gateway_and_quarantined()
    {
        Bench stopped = new();
        LocalRecorder first = await stopped.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 300, 1000);
        await first.DisposeAsync();
        string name = stopped.Files.Segments.Single();
        byte[] bytes = stopped.Files.Read(name);
        bytes[bytes.Length / 3] ^= 0x01;
        stopped.Files.Write(name, bytes);

        Bench bench = new() { Files = stopped.Files, Gateway = new FakeGateway() };
        await using LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        Assert.Equal(1, second.Status.Uplink.ChunksRejected);
        Assert.Equal(bench.Gateway.AnnouncedCount - 1, bench.Gateway.Stored.Count);
        Assert.Contains(name + ".damaged", bench.Files.Names);
    }

    [Fact]
    public async Task An_orderly_end_that_could_not_be_told_is_told_by_the_next_run()
    {
        Bench stopped = new();
        LocalRecorder first = await stopped.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await first.DisposeAsync();

        Bench bench = new() { Files = stopped.Files, Gateway = new FakeGateway() };
        await using LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        await Eventually.Holds(() => !bench.Gateway.Ends.IsEmpty);
        RecordingEnd end = bench.Gateway.Ends.Single();
        Assert.True(end.Orderly);
        Assert.Equal(RecordingIds.ToBytes(first.RecordingId), end.RecordingId);
    }

    [Fact]
    public async Task What_has_a_receipt_in_the_journal_is_not_announced_again()
    {
        FakeGateway gateway = new();
        Bench killed = new() { Gateway = gateway };
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 100, 1000);
        await first.DrainAsync(Ct);
        int delivered = gateway.Stored.Count;
        MemoryFiles files = killed.Files.Copy();

        FakeGateway other = new();
        await using LocalRecorder second = await new Bench { Files = files, Gateway = other }.OpenAsync();
        await second.DrainAsync(Ct);
        Assert.True(delivered > 0);
        Assert.Equal(0, other.AnnouncedCount);
        Assert.Empty(files.Segments);
    }

    [Fact]
    public async Task A_gateway_that_lost_its_data_gets_only_what_has_no_receipt()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 10, 100);
        await first.FlushAsync(Ct);
        MemoryFiles files = killed.Files.Copy();
        for (int run = 0; run < 3; run++)
        {
            Bench again = new() { Files = files };
            LocalRecorder recorder = await again.OpenAsync();
            await Eventually.Holds(() => recorder.Status.Recovery.IsDone);
            Assert.Equal(1, recorder.Status.Lanes[0].PendingChunks);
            files = files.Copy();
            await recorder.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_quota_counts_what_earlier_recordings_left()
    {
        LaneOptions lane = Bench.Lane() with { QuotaBytes = 4 << 20, SegmentBytesMax = 1 << 20 };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane) };
        LocalRecorder first = await bench.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 10; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 30_000);
            await first.FlushAsync(Ct);
        }

        await first.DisposeAsync();
        await using LocalRecorder second = await bench.OpenAsync();
        await Eventually.Holds(() => second.Status.Recovery.IsDone);
        Assert.InRange(second.Status.SpoolBytes, 3_000_000, 3_200_000);
        RecordingChannel next = second.Channel(Bench.Spec("/imu"));
        uint accepted = 0;
        while (next.WriteRaw(Bench.At(accepted), Bench.Payload(accepted, 30_000)) == WriteResult.Accepted)
            accepted++;
        Assert.InRange(accepted, 10U, 40U);
    }
}
