using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Tests.Gateway;

/// <summary>What every chunk index must do; one class for each implementation.</summary>
public abstract partial class ChunkIndexContract : IAsyncLifetime
{
    private readonly SampleRecording _drive = new();
    private readonly SampleRecording _other = new("veh-2");
    private IChunkIndex _index = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _index = Create();
        await _index.OpenAsync(Ct);
        foreach (SampleRecording recording in new[] { _drive, _other })
        {
            Define define = recording.Define().Define;
            await _index.DefineAsync(define.Recording, define.Schemas, define.Channels, Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        Remove();
        GC.SuppressFinalize(this);
    }

    protected abstract IChunkIndex Create();

    protected abstract void Remove();

    [Fact]
    public async Task Definitions_come_back_as_they_were_told_and_stay_when_told_again()
    {
        Define define = _drive.Define().Define;
        await _index.DefineAsync(define.Recording, define.Schemas, define.Channels, Ct);

        RecordingDefinitions found = (await _index.FindRecordingAsync(_drive.Id, Ct))!;

        Assert.Equal(_drive.Info, found.Info);
        Assert.Equal(_drive.Channels, found.Channels);
        Assert.Equal([_drive.ImuSchema, _drive.GnssSchema], found.Schemas);
        Assert.Null(found.End);
        Assert.Null(await _index.FindRecordingAsync(Guid.CreateVersion7(), Ct));
    }

    [Fact]
    public async Task A_definition_that_contradicts_leaves_nothing_of_its_message_behind()
    {
        Define define = _drive.Define().Define;
        ChannelDefinition fresh = new() { ChannelId = 9, Topic = "/new", Lane = "telemetry" };
        ChannelDefinition changed = define.Channels[0].Clone();
        changed.MessageEncoding = "cdr";

        await Assert.ThrowsAsync<IndexConflictException>(
            async () => await _index.DefineAsync(define.Recording, [], [fresh, changed], Ct));
        ChannelDefinition reused = new()
        {
            ChannelId = 10,
            Topic = "/x",
            Lane = "telemetry",
            SchemaId = 1,
            SchemaSha256 = _drive.GnssSchema.Sha256,
        };
        await Assert.ThrowsAsync<IndexConflictException>(
            async () => await _index.DefineAsync(define.Recording, [], [reused], Ct));

        Assert.Equal(_drive.Channels, (await _index.FindRecordingAsync(_drive.Id, Ct))!.Channels);
    }

    [Fact]
    public async Task Schemas_are_known_by_hash_whoever_told_them()
    {
        byte[] unknown = new byte[32];
        Assert.Equal(
            [unknown],
            await _index.FindMissingSchemasAsync([_other.ImuSchema.Sha256.ToByteArray(), unknown], Ct));
    }

    [Fact]
    public async Task A_chunk_is_announced_then_stored_and_never_announced_again()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0), (_drive.Gnss, 1));
        await _index.AnnounceAsync([chunk.Header], Ct);
        IndexedChunk announced = (await FindAsync(chunk))!;
        Assert.Equal(chunk.Header, announced.Header);
        Assert.Null(announced.Ordinal);
        Assert.Null(announced.Location);
        Assert.Equal("veh-1", announced.VehicleId);

        Assert.Equal([StoreOutcome.Stored], await StoreAsync(chunk));
        await _index.AnnounceAsync([chunk.Header], Ct);
        await _index.AnnounceAsync([chunk.Altered().Header], Ct);

        IndexedChunk stored = (await FindAsync(chunk))!;
        Assert.Equal(chunk.Header, stored.Header);
        Assert.Equal(1UL, stored.Ordinal);
        Assert.Equal(new PackLocation(1, 1000), stored.Location);
    }

    [Fact]
    public async Task An_announcement_is_replaced_by_a_later_one_of_another_hash()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await _index.AnnounceAsync([chunk.Header], Ct);
        await _index.AnnounceAsync([chunk.Altered().Header], Ct);
        Assert.Equal(chunk.Altered().Header, (await FindAsync(chunk))!.Header);
    }

    [Fact]
    public async Task Storing_again_changes_nothing_and_says_whether_the_hash_was_the_same()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        SampleChunk next = _drive.Chunk((_drive.Imu, 1));
        await StoreAsync(chunk);

        Assert.Equal(
            [StoreOutcome.AlreadyStored, StoreOutcome.Conflict, StoreOutcome.Stored],
            await StoreAsync(chunk, chunk.Altered(), next));

        Assert.Equal(1UL, (await FindAsync(chunk))!.Ordinal);
        Assert.Equal(2UL, (await FindAsync(next))!.Ordinal);
        Assert.Equal(2UL, await _index.GetLastOrdinalAsync(Ct));
    }

    [Fact]
    public async Task A_transaction_with_an_unknown_recording_leaves_no_row()
    {
        SampleRecording unknown = new();
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await Assert.ThrowsAsync<IndexConflictException>(
            async () => await StoreAsync(chunk, unknown.Chunk((unknown.Imu, 0))));
        Assert.Null(await FindAsync(chunk));
        Assert.Equal(0UL, await _index.GetLastOrdinalAsync(Ct));
    }

    [Fact]
    public async Task Reading_goes_by_first_time_then_vehicle_and_takes_what_overlaps_the_range()
    {
        SampleChunk late = _drive.Chunk((_drive.Imu, 10), (_drive.Imu, 12));
        SampleChunk early = _drive.Chunk((_drive.Imu, 5), (_drive.Imu, 10));
        SampleChunk other = _other.Chunk((_other.Imu, 5));
        await StoreAsync(late, other, early);

        Assert.Equal([early, other, late], await ReadAsync(ChunkSelection.All, late, early, other));
        Assert.Equal(
            [early, late],
            await ReadAsync(At(10, 10.001), late, early, other));
        Assert.Equal([early, other], await ReadAsync(At(5, 6), late, early, other));
        Assert.Empty(await ReadAsync(At(12.5, 20), late, early, other));
        Assert.Equal(
            [other], await ReadAsync(new ChunkSelection { VehicleIds = ["veh-2"] }, late, early, other));
        Assert.Equal(
            [early, late], await ReadAsync(new ChunkSelection { RecordingIds = [_drive.Id] }, late, early, other));
    }

    [Fact]
    public async Task As_of_pins_a_reading_to_what_was_stored_then()
    {
        SampleChunk first = _drive.Chunk((_drive.Imu, 0));
        SampleChunk second = _drive.Chunk((_drive.Imu, 1));
        await StoreAsync(first);
        ulong then = await _index.GetLastOrdinalAsync(Ct);
        await StoreAsync(second);

        ChunkSelection pinned = new() { AsOf = then };
        Assert.Equal([first], await ReadAsync(pinned, first, second));
        Assert.Equal(1UL, (await _index.GetTotalsAsync(pinned, Ct)).StoredChunks);
        Assert.Equal(1UL, Assert.Single(await _index.ListTopicsAsync(pinned, Ct)).Messages);
        Assert.Equal([first, second], await ReadAsync(new ChunkSelection { AsOf = ulong.MaxValue }, first, second));
    }

    [Fact]
    public async Task Topics_select_the_chunks_that_hold_them_and_none_selects_nothing()
    {
        SampleChunk imu = _drive.Chunk((_drive.Imu, 0));
        SampleChunk both = _drive.Chunk((_drive.Imu, 1), (_drive.Gnss, 1));
        SampleChunk camera = _drive.Chunk((_drive.Camera, 2));
        await StoreAsync(imu, both, camera);

        Assert.Equal([both], await ReadAsync(new ChunkSelection { Topics = ["/gnss"] }, imu, both, camera));
        Assert.Equal(
            [both, camera],
            await ReadAsync(new ChunkSelection { Topics = ["/gnss", "/camera/front"] }, imu, both, camera));
        Assert.Empty(await ReadAsync(new ChunkSelection { Topics = [] }, imu, both, camera));
        TopicSummary gnss = Assert.Single(
            await _index.ListTopicsAsync(new ChunkSelection { Topics = ["/gnss"] }, Ct));
        Assert.Equal(
            new TopicSummary
            {
                Topic = "/gnss",
                SchemaName = "test.Gnss",
                SchemaEncoding = "jsonschema",
                MessageEncoding = "json",
                Lane = "telemetry",
                Messages = 1,
                PayloadBytes = 200,
                FirstLogTime = SampleRecording.Time(1),
                LastLogTime = SampleRecording.Time(1),
            },
            gnss);
        Assert.Equal(
            ["/camera/front", "/gnss", "/imu"], await _index.ListTopicNamesAsync(ChunkSelection.All, Ct));
        Assert.Empty(await _index.ListTopicNamesAsync(new ChunkSelection { VehicleIds = ["veh-9"] }, Ct));
    }

    [Fact]
    public async Task Totals_tell_what_is_here_from_what_is_still_in_the_vehicles()
    {
        SampleChunk stored = _drive.Chunk((_drive.Imu, 0));
        SampleChunk announced = _drive.Chunk((_drive.Imu, 1));
        await StoreAsync(stored);
        await _index.AnnounceAsync([announced.Header], Ct);

        Assert.Equal(
            new SelectionTotals(1, (ulong)stored.Body.Length, 1, (ulong)announced.Body.Length),
            await _index.GetTotalsAsync(ChunkSelection.All, Ct));
        Assert.Equal(default, await _index.GetTotalsAsync(At(50, 60), Ct));
    }

    [Fact]
    public async Task Wanted_chunks_are_asked_for_until_they_are_stored()
    {
        SampleChunk here = _drive.Chunk((_drive.Imu, 0));
        SampleChunk there = _drive.Chunk((_drive.Imu, 1));
        SampleChunk alsoThere = _other.Chunk((_other.Imu, 1));
        await StoreAsync(here);
        await _index.AnnounceAsync([there.Header, alsoThere.Header], Ct);

        IReadOnlyList<WantedChunks> wanted = await _index.MarkWantedAsync(ChunkSelection.All, Ct);

        Assert.Equal(["veh-1", "veh-2"], wanted.Select(w => w.VehicleId));
        Assert.Equal(there.Header.Ref, Assert.Single(wanted[0].Chunks));
        Assert.Equal((ulong)there.Body.Length, wanted[0].Bytes);
        Assert.Equal([there.Header.Ref], await _index.ListWantedAsync("veh-1", 10, Ct));
        await StoreAsync(there);
        Assert.Empty(await _index.ListWantedAsync("veh-1", 10, Ct));
        Assert.Empty(await _index.ListWantedAsync("veh-2", 0, Ct));
    }

    [Fact]
    public async Task Recordings_are_listed_newest_first_in_pages()
    {
        List<SampleRecording> more = [];
        for (int i = 0; i < 3; i++)
        {
            SampleRecording recording = new("veh-3", Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(i)));
            Define define = recording.Define().Define;
            await _index.DefineAsync(define.Recording, define.Schemas, define.Channels, Ct);
            more.Add(recording);
        }

        ChunkSelection selection = new() { VehicleIds = ["veh-3"] };
        RecordingPage first = await _index.ListRecordingsAsync(selection, null, 2, Ct);
        RecordingPage second = await _index.ListRecordingsAsync(selection, first.Next, 2, Ct);

        Assert.Equal([more[2].Info, more[1].Info], first.Recordings.Select(r => r.Recording));
        Assert.Equal([more[0].Info], second.Recordings.Select(r => r.Recording));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_recordings_summary_counts_its_chunks_and_has_its_end()
    {
        SampleChunk stored = _drive.Chunk((_drive.Imu, 0), (_drive.Imu, 2));
        SampleChunk announced = _drive.Chunk((_drive.Imu, 5));
        await StoreAsync(stored);
        await _index.AnnounceAsync([announced.Header], Ct);
        await _index.EndAsync(_drive.End().End.End_, Ct);

        RecordingSummary summary = Assert.Single(
            (await _index.ListRecordingsAsync(At(1, 2), null, 10, Ct)).Recordings);

        Assert.Equal(
            new RecordingSummary
            {
                Recording = _drive.Info,
                FirstLogTime = SampleRecording.Time(0),
                LastLogTime = SampleRecording.Time(5),
                StoredChunks = 1,
                StoredBytes = (ulong)stored.Body.Length,
                AnnouncedChunks = 1,
                AnnouncedBytes = (ulong)announced.Body.Length,
                Messages = 2,
                End = _drive.End().End.End_,
            },
            summary);
        Assert.Equal(
            [("veh-1", 1UL, 1UL), ("veh-2", 1UL, 0UL)],
            (await _index.ListVehiclesAsync(Ct)).Select(v => (v.VehicleId, v.Recordings, v.StoredChunks)));
    }

    [Fact]
    public async Task A_recording_is_complete_when_its_end_is_told_and_every_chunk_is_here()
    {
        SampleChunk first = _drive.Chunk((_drive.Imu, 0));
        SampleChunk second = _drive.Chunk((_drive.Imu, 1));
        await StoreAsync(first);
        Assert.False(await _index.IsCompleteAsync(_drive.Id, Ct));
        await _index.EndAsync(_drive.End().End.End_, Ct);
        Assert.False(await _index.IsCompleteAsync(_drive.Id, Ct));
        await StoreAsync(second);
        Assert.True(await _index.IsCompleteAsync(_drive.Id, Ct));
        await Assert.ThrowsAsync<IndexConflictException>(
            async () => await _index.EndAsync(new SampleRecording().End().End.End_, Ct));
    }

    [Fact]
    public async Task Coverage_breaks_at_gaps_and_where_chunks_are_still_in_the_vehicle()
    {
        SampleChunk[] chunks = [.. Enumerable.Range(0, 6).Select(i => _drive.Chunk((_drive.Imu, i)))];
        SampleChunk camera = _drive.Chunk((_drive.Camera, 3));
        await StoreAsync(chunks[0], chunks[1], chunks[4], camera);
        await _index.AnnounceAsync([chunks[2].Header, chunks[5].Header], Ct);

        IReadOnlyList<CoverageRange> ranges = await _index.GetCoverageAsync(
            new ChunkSelection { Topics = ["/gnss"] }, 100, Ct);

        Assert.Equal(
            [(1UL, 2UL, true), (3UL, 3UL, false), (5UL, 5UL, true), (6UL, 6UL, false)],
            ranges.Select(r => (r.FirstSequence, r.LastSequence, r.Stored)));
        Assert.All(ranges, range => Assert.Equal("telemetry", range.Lane));
        Assert.Equal(
            (SampleRecording.Time(0), SampleRecording.Time(1)), (ranges[0].FirstLogTime, ranges[0].LastLogTime));
        Assert.Equal(5, (await _index.GetCoverageAsync(ChunkSelection.All, 100, Ct)).Count);
        Assert.Equal(2, (await _index.GetCoverageAsync(ChunkSelection.All, 2, Ct)).Count);
    }

    [Fact]
    public async Task Times_after_2262_and_at_the_ends_of_the_range_sort_as_unsigned()
    {
        SampleChunk zero = _drive.Chunk((_drive.Imu, 0));
        SampleChunk last = _drive.Chunk((_drive.Imu, 0));
        zero.Header.FirstLogTime = zero.Header.LastLogTime = 0;
        last.Header.FirstLogTime = last.Header.LastLogTime = ulong.MaxValue;
        await StoreAsync(last, zero);

        Assert.Equal([zero, last], await ReadAsync(ChunkSelection.All, zero, last));
        Assert.Equal([last], await ReadAsync(new ChunkSelection { Start = 1UL << 63 }, zero, last));
    }

    [Fact]
    public async Task Everything_is_still_there_after_it_was_closed_and_opened()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await StoreAsync(chunk);
        await _index.DisposeAsync();
        _index = Create();
        await _index.OpenAsync(Ct);
        await _index.CheckWritableAsync(Ct);

        Assert.Equal(chunk.Header, (await FindAsync(chunk))!.Header);
        SampleChunk next = _drive.Chunk((_drive.Imu, 1));
        await StoreAsync(next);
        Assert.Equal(2UL, (await FindAsync(next))!.Ordinal);
    }

    private static ChunkSelection At(double from, double to) =>
        new() { Start = SampleRecording.Time(from), End = SampleRecording.Time(to) };

    private async Task<IndexedChunk?> FindAsync(SampleChunk chunk) =>
        (await _index.FindChunksAsync([chunk.Key], Ct))[0];

    private ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync(params SampleChunk[] chunks) =>
        _index.StoreAsync([.. chunks.Select(c => new StoredChunk(c.Header, new PackLocation(1, 1000)))], Ct);

    private async Task<List<SampleChunk>> ReadAsync(ChunkSelection selection, params SampleChunk[] known)
    {
        List<SampleChunk> read = [];
        await foreach (IndexedChunk chunk in _index.ReadStoredAsync(selection, Ct))
            read.Add(known.Single(k => k.Header.Equals(chunk.Header)));
        return read;
    }
}
