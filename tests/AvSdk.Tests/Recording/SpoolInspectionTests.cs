using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Inspection;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class SpoolInspectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listing_has_recordings_lanes_times_and_ends()
    {
        Bench bench = await RecordedAsync();
        SpoolListing listing = SpoolInspection.List(bench.Files, Ct);

        ListedRecording recording = Assert.Single(listing.Recordings);
        Assert.Equal(("veh-042", true, false), (recording.VehicleId, recording.HasEnded, recording.EndIsTold));
        ListedLane lane = Assert.Single(recording.Lanes);
        Assert.Equal((1, 3L, 30UL), (lane.Segments, lane.Chunks, lane.Messages));
        Assert.Equal(new ListedEnds(3, 0, 0, 0), lane.Ends);
        Assert.Equal((Bench.At(1).LogTime, Bench.At(30).LogTime), (lane.FirstLogTime, lane.LastLogTime));
        Assert.True(listing.JournalIsWhole);
        Assert.Empty(listing.DamagedFiles);
    }

    [Fact]
    public async Task A_whole_spool_is_good_and_reading_changes_nothing()
    {
        Bench bench = await RecordedAsync();
        byte[] before = bench.Files.Read(bench.Files.Segments.Single());
        SpoolCheckReport report = SpoolInspection.Check(bench.Files, Ct);

        Assert.True(report.IsGood);
        Assert.Empty(report.Findings);
        Assert.Equal((1, 3L, 30UL), (report.Segments, report.Chunks, report.Messages));
        Assert.Equal(before, bench.Files.Read(bench.Files.Segments.Single()));
        Assert.Empty(Repair(bench).Actions);
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_a_chunk_is_found_and_the_other_chunks_are_kept()
    {
        Bench recorded = await RecordedAsync();
        string name = recorded.Files.Segments.Single();
        byte[] all = recorded.Files.Read(name);
        McapScannedChunk second = McapScan.Run(new MemorySource(all)).Chunks[1];
        for (long at = second.Offset + 9; at < second.End; at += Math.Max(1, second.BodyBytes / 50))
        {
            Bench bench = new() { Files = recorded.Files.Copy() };
            byte[] bytes = [.. all];
            bytes[at] ^= 0x10;
            bench.Files.Write(name, bytes);
            SpoolCheckReport report = SpoolInspection.Check(bench.Files, Ct);
            Assert.False(report.IsGood, $"a bit at {at}");

            SpoolRepairReport repaired = Repair(bench);
            Assert.Equal(1, repaired.FilesPutAside);
            Assert.Equal(bytes, bench.Files.Read(name + ".damaged"));
            SpoolCheckReport after = SpoolInspection.Check(bench.Files, Ct);
            Assert.True(after.IsGood, string.Join('\n', after.Findings));
            // Broken framing can hide what follows it; the file that was put aside has it.
            uint[] sequences = [.. bench.ReadAll().Select(message => message.Sequence)];
            Assert.Equal(Enumerable.Range(1, 10).Select(number => (uint)number), sequences[..10]);
            if (repaired.ChunksLost == 1 && sequences.Length > 10)
                Assert.Equal(Enumerable.Range(21, 10).Select(number => (uint)number), sequences[10..]);
            Assert.Empty(Repair(bench).Actions);
        }
    }

    [Fact]
    public async Task What_was_split_is_delivered_and_the_damaged_chunk_is_not_waited_for()
    {
        Bench recorded = await RecordedAsync();
        DamageSecondChunk(recorded);
        SpoolRepairReport repaired = Repair(recorded);
        Assert.Equal((1, 1L, 1), (repaired.SegmentsSplit, repaired.ChunksLost, repaired.FilesPutAside));
        Assert.Equal(
            ["000000000001-2.mcap", "000000000003.mcap"], recorded.Files.Segments.Select(name => Path.GetFileName(name)));
        Assert.Equal(1, SpoolInspection.List(recorded.Files, Ct).Recordings.Single().Lanes.Single().Ends.Damaged);

        Bench bench = new() { Files = recorded.Files, Gateway = new FakeGateway() };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await recorder.DrainAsync(Ct);
        Assert.Equal(
            Enumerable.Range(1, 10).Concat(Enumerable.Range(21, 10)).Select(number => (uint)number),
            UploadTests.Stored(bench.Gateway));
    }

    [Fact]
    public async Task A_torn_tail_is_no_damage_and_repair_cuts_and_seals_it()
    {
        Bench bench = new();
        await using LocalRecorder killed = await bench.OpenAsync();
        RecordingChannel channel = killed.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
        await killed.FlushAsync(Ct);
        int wholeBytes = bench.Files.Read(bench.Files.Segments.Single()).Length;
        RecordingToSpoolTests.WriteMany(channel, 11, 10, 1000);
        await killed.FlushAsync(Ct);

        Bench torn = new() { Files = bench.Files.Copy() };
        string name = torn.Files.Segments.Single();
        byte[] bytes = torn.Files.Read(name)[..(wholeBytes + 2000)];
        torn.Files.Write(name, bytes);
        SpoolCheckReport report = SpoolInspection.Check(torn.Files, Ct);
        Assert.True(report.IsGood);
        Assert.Contains("2000 bytes", report.Findings.Single().Problem, StringComparison.Ordinal);
        SpoolRepairReport repaired = Repair(torn);

        Assert.Equal((1, 2000L, 0), (repaired.SegmentsSealed, repaired.BytesCut, repaired.FilesPutAside));
        Assert.Equal(10, torn.ReadAll().Count);
        Assert.Empty(SpoolInspection.Check(torn.Files, Ct).Findings);
        Assert.Empty(Repair(torn).Actions);
    }

    [Fact]
    public async Task Files_that_are_no_segments_are_put_aside_and_empty_ones_deleted()
    {
        Bench bench = await RecordedAsync();
        string name = bench.Files.Segments.Single();
        string folder = name[..name.LastIndexOf('/')];
        byte[] junk = new byte[300_000];
        new Random(1).NextBytes(junk);
        bench.Files.Write(folder + "/000000000009.mcap", junk);
        bench.Files.Write(folder + "/000000000010.mcap", []);
        bench.Files.Write(folder + "/000000000011.mcap.new", junk);
        Assert.False(SpoolInspection.Check(bench.Files, Ct).IsGood);

        Assert.Equal(1, Repair(bench).FilesPutAside);
        Assert.Equal(
            [name, folder + "/000000000009.mcap.damaged", "journal"],
            bench.Files.Names.Where(static name => !name.EndsWith(".ledger", StringComparison.Ordinal)));
        Assert.True(SpoolInspection.Check(bench.Files, Ct).IsGood);
    }

    [Fact]
    public async Task A_damaged_journal_is_found_and_written_anew()
    {
        Bench bench = await RecordedAsync();
        byte[] journal = bench.Files.Read(SpoolJournal.FileName);
        journal[20] ^= 1;
        bench.Files.Write(SpoolJournal.FileName, journal);
        Assert.Equal(SpoolJournal.FileName, SpoolInspection.Check(bench.Files, Ct).Findings.Single(each => each.IsDamage).File);
        Assert.False(SpoolInspection.List(bench.Files, Ct).JournalIsWhole);

        Assert.True(Repair(bench).JournalRebuilt);
        Assert.True(SpoolInspection.Check(bench.Files, Ct).IsGood);
        Assert.False(Repair(bench).JournalRebuilt);
    }

    [Fact]
    public async Task A_kill_at_any_write_of_a_repair_loses_nothing_that_was_whole()
    {
        Bench recorded = await RecordedAsync();
        DamageSecondChunk(recorded);
        for (int writes = 0; ; writes++)
        {
            Bench bench = new() { Files = recorded.Files.Copy() };
            int left = writes;
            bench.Files.BeforeAppend = _ =>
            {
                if (left-- == 0)
                    throw new IOException("killed");
            };
            bool isWhole = true;
            try
            {
                Repair(bench);
            }
            catch (IOException)
            {
                isWhole = false;
            }

            Bench after = new() { Files = bench.Files.Copy(), Gateway = new FakeGateway() };
            Repair(after);
            await using LocalRecorder recorder = await after.OpenAsync();
            await recorder.DrainAsync(Ct);
            Assert.Equal(20, UploadTests.Stored(after.Gateway!).Count);
            if (isWhole)
                break;
        }
    }

    [Fact]
    public async Task An_export_has_every_message_in_order_with_chunks_copied_as_they_stand()
    {
        Bench bench = await RecordedAsync();
        (SpoolExportReport report, byte[] file) = Export(bench, new SpoolExportSelection());
        Assert.Equal((1, 30UL, 3L, 0L), (report.Recordings, report.Messages, report.ChunksCopied, report.ChunksFiltered));
        Assert.Equal(
            Enumerable.Range(1, 30).Select(number => (uint)number),
            Bench.ReadSegment(file).Select(message => message.Sequence));
        byte[] segment = bench.Files.Read(bench.Files.Segments.Single());
        McapScannedChunk there = McapScan.Run(new MemorySource(segment)).Chunks[0];
        McapScannedChunk here = McapScan.Run(new MemorySource(file)).Chunks[0];
        Assert.Equal(
            segment.AsSpan((int)there.Offset, (int)there.BodyBytes), file.AsSpan((int)here.Offset, (int)here.BodyBytes));
        Assert.True(McapDoctor.Check(new MemorySource(file), cancellationToken: Ct).Findings.All(finding => finding.Severity != McapSeverity.Error));
    }

    [Fact]
    public async Task An_export_is_cut_to_topics_and_times_and_leaves_out_what_is_damaged()
    {
        Bench bench = await RecordedAsync();
        (SpoolExportReport cut, byte[] file) = Export(
            bench, new SpoolExportSelection { From = Bench.At(8).LogTime, To = Bench.At(13).LogTime });
        Assert.Equal((0L, 2L), (cut.ChunksCopied, cut.ChunksFiltered));
        Assert.Equal([8U, 9U, 10U, 11U, 12U], Bench.ReadSegment(file).Select(message => message.Sequence));
        Assert.Equal(0UL, Export(bench, new SpoolExportSelection { Topics = ["/gnss"] }).Report.Messages);
        Assert.Equal(30UL, Export(bench, new SpoolExportSelection { Topics = ["/*"] }).Report.Messages);
        Assert.Equal(0UL, Export(bench, new SpoolExportSelection { RecordingId = Guid.NewGuid() }).Report.Messages);

        DamageSecondChunk(bench);
        (SpoolExportReport report, file) = Export(bench, new SpoolExportSelection());
        Assert.Equal((2UL, true), (report.LeftOut.Single().Sequence, report.LeftOut.Single().IsDamage));
        Assert.Equal(20, Bench.ReadSegment(file).Count);
    }

    [Fact]
    public async Task An_export_of_recordings_that_number_their_channels_differently_keeps_them_apart()
    {
        Bench bench = new();
        foreach (string[] topics in new[] { new[] { "/a", "/b" }, ["/b", "/a"] })
        {
            await using LocalRecorder recorder = await bench.OpenAsync();
            foreach (string topic in topics)
                RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec(topic)), topic == "/a" ? 1U : 100, 5, 100);
        }

        (SpoolExportReport report, byte[] file) = Export(bench, new SpoolExportSelection());
        Assert.Equal((2, 20UL), (report.Recordings, report.Messages));
        Assert.All(
            Bench.ReadSegment(file),
            message => Assert.Equal(message.Sequence < 100 ? "/a" : "/b", message.Topic));
        Assert.Equal(2, McapScan.Run(new MemorySource(file)).Channels.Count);
    }

    private static (SpoolExportReport Report, byte[] File) Export(Bench bench, SpoolExportSelection selection)
    {
        using MemoryStream stream = new();
        SpoolExportReport report = SpoolInspection.Export(bench.Files, new StreamSink(stream), selection, Ct);
        return (report, stream.ToArray());
    }

    private static SpoolRepairReport Repair(Bench bench) => SpoolInspection.Repair(bench.Files, bench.Time, Ct);

    // Three chunks of ten messages in one sealed segment.
    private static async Task<Bench> RecordedAsync()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint first = 1; first <= 21; first += 10)
        {
            RecordingToSpoolTests.WriteMany(channel, first, 10, 1000);
            await recorder.FlushAsync(Ct);
        }

        return bench;
    }

    private static void DamageSecondChunk(Bench bench)
    {
        string name = bench.Files.Segments.Single();
        byte[] bytes = bench.Files.Read(name);
        McapScannedChunk second = McapScan.Run(new MemorySource(bytes)).Chunks[1];
        bytes[second.Offset + 3000] ^= 1;
        bench.Files.Write(name, bytes);
    }
}
