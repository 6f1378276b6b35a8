using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;

using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

public sealed class ExactlyOnceTests
{
    private readonly SampleRecording _drive = new();

    [Fact]
    public async Task A_receipt_goes_out_only_after_the_bytes_and_then_the_row_are_durable()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));

        Receipt receipt = await link.UploadAsync(chunk);

        Assert.Equal(Outcome.Stored, receipt.Outcome);
        Assert.Equal(chunk.Header.Sha256, receipt.Sha256);
        Assert.Equal(["append 1", "flush", "rows", "receipt 1"], bench.Events);
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Fact]
    public async Task A_chunk_that_comes_again_is_stored_once()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (IngestLink link = await bench.ConnectAsync(_drive))
        {
            await link.UploadAsync(chunk);
            Assert.Equal(Outcome.AlreadyStored, (await link.SendWholeAsync(chunk)).Outcome);
        }

        await using IngestLink again = await bench.ConnectAsync(_drive);
        Assert.Equal(ChunkState.Types.Kind.Stored, (await again.AnnounceAsync(chunk)).Kind);
        Assert.Equal(Outcome.AlreadyStored, (await again.SendWholeAsync(chunk)).Outcome);
        Assert.Single(bench.Events, e => e.StartsWith("append", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_still_in_the_link_after_the_receipt_are_passed_over()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using IngestLink link = await bench.ConnectAsync(_drive);
        await link.UploadAsync(chunk);

        await link.SendAsync(chunk.Part(0, 10));
        await link.SendAsync(chunk.Part(10, 20));
        await link.SendAsync(chunk.Part(20));
        List<UploadReply> rest = await link.CompleteAsync();

        Assert.Equal(Outcome.AlreadyStored, Assert.Single(rest).Receipt.Outcome);
    }

    [Fact]
    public async Task After_a_lost_link_a_chunk_goes_on_at_the_part_where_it_was_cut()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0), (_drive.Imu, 1));
        await using (IngestLink link = await bench.ConnectAsync(_drive))
        {
            await link.AnnounceAsync(chunk);
            await link.SendAsync(chunk.Part(0, 100));

            // The answer to this shows that the part before it was taken.
            await link.AnnounceAsync(chunk);
        }

        await using IngestLink again = await bench.ConnectAsync(_drive);
        ChunkState state = await again.AnnounceAsync(chunk);
        Assert.Equal((ChunkState.Types.Kind.Partial, 100UL), (state.Kind, state.HeldBytes));
        await again.SendAsync(chunk.Part(100));

        Assert.Equal(Outcome.Stored, (await again.ReceiveAsync()).Receipt.Outcome);
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Fact]
    public async Task A_receipt_that_was_lost_with_the_link_is_found_as_stored_at_the_next_announcement()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (IngestLink link = await bench.ConnectAsync(_drive))
        {
            await link.AnnounceAsync(chunk);
            await link.SendAsync(chunk.Part());
            await link.CompleteAsync();
        }

        await using IngestLink again = await bench.ConnectAsync(_drive);
        Assert.Equal(ChunkState.Types.Kind.Stored, (await again.AnnounceAsync(chunk)).Kind);
        Assert.Single(bench.Events, e => e == "append 1");
    }

    [Theory]
    [InlineData("append")]
    [InlineData("flush")]
    [InlineData("rows")]
    [InlineData("create")]
    public async Task A_disk_that_refuses_acknowledges_nothing_and_the_chunk_goes_to_a_new_pack(string where)
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk before = _drive.Chunk((_drive.Imu, 0));
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 1));
        if (where != "create")
            await link.UploadAsync(before);
        Fail(bench, where, true);

        Receipt receipt = await link.UploadAsync(chunk);

        Assert.Equal(Outcome.RetryLater, receipt.Outcome);
        Assert.True(receipt.RetryAfterMs > 0);
        Assert.Null((await bench.FindAsync(chunk))!.Ordinal);
        Assert.Equal(ChunkState.Types.Kind.Unknown, (await link.AnnounceAsync(chunk)).Kind);

        Fail(bench, where, false);
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);
        Assert.Equal(2, (await bench.FindAsync(chunk))!.Location!.Value.Pack);
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
        if (where != "create")
            Assert.Equal(before.Body, await bench.ReadAsync(before));
    }

    [Fact]
    public async Task Rows_that_were_durable_though_the_answer_was_an_error_are_not_written_twice()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        bench.Index.FailsAfterRows = true;

        Assert.Equal(Outcome.RetryLater, (await link.UploadAsync(chunk)).Outcome);
        bench.Index.FailsAfterRows = false;

        Assert.Equal(Outcome.AlreadyStored, (await link.SendWholeAsync(chunk)).Outcome);
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Fact]
    public async Task One_recordings_failing_pack_does_not_hold_up_another()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleRecording other = new("veh-2");
        await using IngestLink link = await bench.ConnectAsync(_drive);
        await using IngestLink otherLink = await bench.ConnectAsync(other);
        await otherLink.UploadAsync(other.Chunk((other.Imu, 0)));
        bench.Store.FailsCreate = true;

        Assert.Equal(Outcome.RetryLater, (await link.UploadAsync(_drive.Chunk((_drive.Imu, 0)))).Outcome);
        Assert.Equal(Outcome.Stored, (await otherLink.UploadAsync(other.Chunk((other.Imu, 1)))).Outcome);
    }

    [Fact]
    public async Task Bytes_that_are_not_what_the_header_says_are_rejected_for_good()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await link.AnnounceAsync(chunk);

        Receipt receipt = await link.SendWholeAsync(chunk with { Body = chunk.Altered().Body });

        Assert.Equal(Outcome.Rejected, receipt.Outcome);
        Assert.StartsWith("hash:", receipt.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Events, e => e.StartsWith("append", StringComparison.Ordinal));
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);
    }

    public static TheoryData<string, Action<ChunkHeader>> HeadersThatLie => new()
    {
        { "first log time", header => header.FirstLogTime-- },
        { "last log time", header => header.LastLogTime++ },
        { "uncompressed bytes", header => header.UncompressedBytes++ },
        { "compression", header => header.Compression = "zstd" },
        { "messages of channel 1", header => header.Channels[0].Messages++ },
        { "channels", header => header.Channels.Add(new ChunkChannel { ChannelId = 2, Messages = 1 }) },
        { "does not name it", header => header.Channels[0].ChannelId = 2 },
    };

    [Theory]
    [MemberData(nameof(HeadersThatLie))]
    public async Task A_header_that_its_body_contradicts_is_rejected_and_the_difference_named(
        string difference, Action<ChunkHeader> spoil)
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0), (_drive.Imu, 1));
        spoil(chunk.Header);

        Receipt receipt = await link.UploadAsync(chunk);

        Assert.Equal(Outcome.Rejected, receipt.Outcome);
        Assert.StartsWith("structure:", receipt.Reason, StringComparison.Ordinal);
        Assert.Contains(difference, receipt.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_name_with_another_hash_is_rejected_once_the_first_is_stored()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await link.UploadAsync(chunk);

        ChunkState state = await link.AnnounceAsync(chunk.Altered());

        Assert.Equal(ChunkState.Types.Kind.Rejected, state.Kind);
        Assert.StartsWith("identity:", state.Reason, StringComparison.Ordinal);
        Assert.Equal(chunk.Header, (await bench.FindAsync(chunk))!.Header);
    }

    [Fact]
    public async Task A_chunk_over_the_limit_is_rejected_when_it_is_announced()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path, o => o.ChunkBytesMax = 4096);
        await using IngestLink link = await bench.ConnectAsync(_drive);

        ChunkState state = await link.AnnounceAsync(_drive.Chunk(5000, (_drive.Camera, 0)));

        Assert.Equal(ChunkState.Types.Kind.Rejected, state.Kind);
        Assert.Contains("4096 at most (ChunkBytesMax)", state.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vehicle_cannot_write_or_end_a_recording_of_another()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (IngestLink link = await bench.ConnectAsync(_drive))
            await link.AnnounceAsync(chunk);

        foreach (UploadRequest request in new[] { chunk.Announcement, chunk.Part(), _drive.End() })
        {
            await using IngestLink thief = await bench.ConnectAsync("veh-2");
            await thief.SendAsync(request);
            IngestRefusal refusal = await thief.RefusedAsync();
            Assert.Equal(IngestRefusalKind.NotAllowed, refusal.Kind);
            Assert.Contains("only its own recordings", refusal.Message, StringComparison.Ordinal);
        }

        SampleRecording stolen = new("veh-2", _drive.Id);
        await using IngestLink other = await bench.ConnectAsync("veh-2");
        await other.SendAsync(stolen.Define());
        Assert.Contains("is of vehicle veh-1", (await other.RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_out_of_order_are_refused_with_what_to_send_first()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await RefusedAsync(bench, "send define first", chunk.Announcement);
        await RefusedAsync(bench, "send define first", _drive.End());
        await RefusedAsync(bench, "send announce first", _drive.Define(), chunk.Part());
        await RefusedAsync(
            bench, "which is not defined", _drive.Define(), new SampleRecording("veh-1", _drive.Id, 7) is var later
                ? later.Chunk((later.Imu, 0)).Announcement
                : throw new InvalidOperationException());
    }

    [Fact]
    public async Task Schemas_go_once_and_parts_that_come_before_them_are_refused()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (IngestLink link = await bench.ConnectAsync("veh-1"))
        {
            await link.SendAsync(_drive.Define(whole: false));
            Defined defined = (await link.ReceiveAsync()).Defined;
            Assert.Equal([_drive.ImuSchema.Sha256, _drive.GnssSchema.Sha256], defined.MissingSchemaSha256);
            await link.AnnounceAsync(chunk);
            await link.SendAsync(chunk.Part());
            Assert.Contains("before the schema of /imu", (await link.RefusedAsync()).Message, StringComparison.Ordinal);
        }

        await using IngestLink again = await bench.ConnectAsync(_drive);
        Assert.Equal(Outcome.Stored, (await again.SendWholeAsync(chunk)).Outcome);
        SampleRecording next = new();
        await again.SendAsync(next.Define(whole: false));
        Assert.Empty((await again.ReceiveAsync()).Defined.MissingSchemaSha256);
    }

    [Fact]
    public async Task A_channel_that_changes_its_meaning_is_refused_with_both()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        UploadRequest changed = _drive.Define();
        changed.Define.Channels[0].Topic = "/imu2";
        await RefusedAsync(bench, "/imu2", _drive.Define(), changed);
    }

    [Fact]
    public async Task Without_room_for_unfinished_chunks_the_next_one_waits_and_nothing_is_lost()
    {
        using TempFolder folder = new();
        SampleChunk one = _drive.Chunk(1500, (_drive.Imu, 0));
        SampleChunk two = _drive.Chunk(1500, (_drive.Imu, 1));
        await using IngestBench bench = await IngestBench.StartAsync(
            folder.Path,
            options =>
            {
                options.ChunkBytesMax = 4096;
                options.StagingBytesMax = 2000;
            });
        await using IngestLink link = await bench.ConnectAsync(_drive);
        await link.AnnounceAsync(one);
        await link.AnnounceAsync(two);
        await link.SendAsync(one.Part(0, 10));
        Assert.Equal(Outcome.RetryLater, (await link.SendWholeAsync(two)).Outcome);

        await link.SendAsync(one.Part(10));
        Assert.Equal(Outcome.Stored, (await link.ReceiveAsync()).Receipt.Outcome);
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(two)).Outcome);
    }

    [Fact]
    public async Task The_end_of_a_recording_is_told_and_its_pack_sealed()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk first = _drive.Chunk((_drive.Imu, 0));
        SampleChunk second = _drive.Chunk((_drive.Imu, 1));
        await link.UploadAsync(first);
        await link.SendAsync(_drive.End());
        Assert.Equal(_drive.Info.RecordingId, (await link.ReceiveAsync()).Ended.RecordingId);
        Assert.DoesNotContain("seal 1", bench.Events);

        await link.UploadAsync(second);
        await bench.Committer.DisposeAsync();

        Assert.Single(bench.Events, "seal 1");
        Assert.Empty(await bench.Index.ListOpenPacksAsync(TestContext.Current.CancellationToken));
        RecordingDefinitions? found = await bench.Index.FindRecordingAsync(
            _drive.Id, TestContext.Current.CancellationToken);
        Assert.Equal(_drive.End().End.End_, found!.End);
    }

    private static void Fail(IngestBench bench, string where, bool fails)
    {
        bench.Store.FailsCreate = fails && where == "create";
        bench.Store.FailsAfterAppend = fails && where == "append";
        bench.Store.FailsFlush = fails && where == "flush";
        bench.Index.FailsBeforeRows = fails && where == "rows";
    }

    private static async Task RefusedAsync(IngestBench bench, string sentence, params UploadRequest[] requests)
    {
        await using IngestLink link = await bench.ConnectAsync("veh-1");
        foreach (UploadRequest request in requests)
            await link.SendAsync(request);
        IngestRefusal refusal = await link.RefusedAsync();
        Assert.Equal(IngestRefusalKind.BadMessage, refusal.Kind);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }
}
