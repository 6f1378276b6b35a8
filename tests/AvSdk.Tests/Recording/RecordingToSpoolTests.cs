using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using ChunkRecord = AvSdk.Contracts.V1.ChunkRecord;

namespace AvSdk.Tests.Recording;

public sealed class RecordingToSpoolTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_come_out_of_the_segments_as_they_went_in_and_in_order()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            for (uint number = 1; number <= 500; number++)
                Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, 1000)));
        }

        List<(string Topic, uint Sequence, byte[] Payload)> messages = bench.ReadAll();
        Assert.Equal(Enumerable.Range(1, 500).Select(number => (uint)number), messages.Select(message => message.Sequence));
        Assert.All(messages, message => Assert.Equal(Bench.Payload(message.Sequence, 1000), message.Payload));
        Assert.All(messages, message => Assert.Equal("/imu", message.Topic));
    }

    [Fact]
    public async Task Chunks_are_numbered_without_gaps_and_each_hash_includes_the_one_before()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
            WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 500, 1000);

        ByteChain chain = new();
        foreach (string name in bench.Files.Segments)
            chain.Check(bench.Files.Read(name));
        Assert.True(chain.Count > 5);
    }

    [Fact]
    public async Task Lanes_have_segments_and_chains_of_their_own()
    {
        Bench bench = new()
        {
            Options = new RecorderOptions
            {
                VehicleId = "veh-042",
                FreeBytesMin = 0,
                Lanes = [Bench.Lane("events"), Bench.Lane("telemetry")],
                LaneRules = [new LaneRule("/event/*", "events")],
            },
        };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 100);
            WriteMany(recorder.Channel(Bench.Spec("/event/brake")), 1, 3, 100);
            Assert.Equal("events", recorder.Channel(Bench.Spec("/event/brake")).Spec.Lane);
            await recorder.FlushAsync(Ct);
            Assert.Equal([1UL, 1UL], recorder.Status.Lanes.Select(lane => lane.LastSequence));
        }

        Assert.Equal(
            ["/events/000000000001.mcap", "/telemetry/000000000001.mcap"],
            bench.Files.Segments.Select(name => name[36..]));
    }

    [Fact]
    public async Task A_segment_is_sealed_when_it_is_full_and_the_next_begins_with_the_next_sequence()
    {
        LaneOptions lane = Bench.Lane() with { SegmentBytesMax = 1 << 20 };
        Bench bench = new() { Options = OptionsOf(lane) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
            WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 3000, 1000);

        Assert.True(bench.Files.Segments.Count >= 2);
        ulong next = 1;
        foreach (string name in bench.Files.Segments)
        {
            McapScan scan = McapScan.Run(new MemorySource(bench.Files.Read(name)));
            Assert.True(scan.IsSealed);
            Assert.EndsWith($"/{next:D12}.mcap", name, StringComparison.Ordinal);
            Assert.InRange(scan.EndOfWholeRecords, 1, (1 << 20) + (200 << 10));
            next += (ulong)scan.Chunks.Count;
        }
    }

    [Fact]
    public async Task A_segment_is_sealed_when_it_is_old()
    {
        LaneOptions lane = Bench.Lane() with { SegmentAgeMax = TimeSpan.FromSeconds(10) };
        Bench bench = new() { Options = OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        WriteMany(channel, 1, 1, 100);
        await recorder.FlushAsync(Ct);

        bench.Time.Advance(TimeSpan.FromSeconds(11));
        WriteMany(channel, 2, 1, 100);
        await recorder.FlushAsync(Ct);

        Assert.Equal(2, bench.Files.Segments.Count);
        Assert.True(McapScan.Run(new MemorySource(bench.Files.Read(bench.Files.Segments[0]))).IsSealed);
    }

    [Fact]
    public async Task A_chunk_is_closed_when_its_window_is_over()
    {
        LaneOptions lane = Bench.Lane() with { ChunkWindow = TimeSpan.FromSeconds(1) };
        Bench bench = new() { Options = OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        WriteMany(channel, 1, 1, 100);

        bench.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0UL, recorder.Status.Lanes[0].LastSequence);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));

        await Eventually.Holds(() => recorder.Status.Lanes[0].LastSequence == 1);
    }

    [Fact]
    public async Task A_message_larger_than_the_chunk_target_gets_a_chunk_of_its_own()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/map"));
            channel.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 100));
            channel.WriteRaw(Bench.At(2, 2), Bench.Payload(2, 1 << 20));
            channel.WriteRaw(Bench.At(3, 3), Bench.Payload(3, 100));
        }

        Assert.Equal([1, 1, 1], Chunks(bench).Select(chunk => (int)chunk.Channels.Single().Messages));
        Assert.Equal([1U, 2U, 3U], bench.ReadAll().Select(message => message.Sequence));
    }

    [Fact]
    public async Task What_gains_nothing_is_stored_plain_and_what_gains_is_compressed()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/noise"));
            channel.WriteRaw(Bench.At(1), Bench.Payload(1, 50_000));
            await recorder.FlushAsync(Ct);
            RecordingChannel zeros = recorder.Channel(Bench.Spec("/zeros"));
            zeros.WriteRaw(Bench.At(2), new byte[50_000]);
            await recorder.FlushAsync(Ct);
            zeros.WriteRaw(Bench.At(3), new byte[50_000]);
            await recorder.FlushAsync(Ct);
        }

        // After a chunk that gained nothing the next one goes untried.
        Assert.Equal(["", "", "lz4"], Chunks(bench).Select(chunk => chunk.Compression));
    }

    [Fact]
    public async Task A_sealed_segment_tells_the_recording_the_vehicle_and_the_operators_labels()
    {
        Bench bench = new()
        {
            Options = OptionsOf(Bench.Lane()) with
            {
                Software = "test/1",
                Labels = new Dictionary<string, string> { ["route"] = "A9" },
            },
        };
        Guid id;
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            id = recorder.RecordingId;
            WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 1, 100);
        }

        McapScan scan = McapScan.Run(new MemorySource(bench.Files.Read(bench.Files.Segments.Single())));
        IReadOnlyDictionary<string, string> values = scan.Metadata.Single().Values;
        Assert.Equal("av.recording", scan.Metadata.Single().Name);
        Assert.Equal(id.ToString(), values["recording_id"]);
        Assert.Equal("veh-042", values["vehicle_id"]);
        Assert.Equal("telemetry", values["lane"]);
        Assert.Equal("test/1", values["recorder"]);
        Assert.Equal("A9", values["label.route"]);
        Assert.Equal("test.imu", scan.Schemas.Single().Name);
        Assert.Equal(7, id.Version);
    }

    [Fact]
    public async Task The_same_topic_is_the_same_channel_and_with_another_schema_an_error_that_names_the_remedy()
    {
        await using LocalRecorder recorder = await new Bench().OpenAsync();
        RecordingChannel first = recorder.Channel(Bench.Spec("/imu"));

        Assert.Same(first, recorder.Channel(Bench.Spec("/imu")));
        ChannelSpec other = Bench.Spec("/imu") with { Schema = new SchemaSpec("other", "jsonschema", "{}"u8.ToArray()) };
        ArgumentException error = Assert.Throws<ArgumentException>(() => recorder.Channel(other));
        Assert.Contains("take another topic", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => recorder.Channel(Bench.Spec("/x", lane: "nowhere")));
    }

    [Fact]
    public async Task An_encoder_that_throws_leaves_no_trace_of_its_message()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            Assert.Throws<InvalidOperationException>(() =>
                channel.Write(Bench.At(1, 1), 100, 0, static (_, _) => throw new InvalidOperationException()));
            channel.WriteRaw(Bench.At(2, 2), Bench.Payload(2, 10));
            Assert.Equal(1UL, recorder.Ledger.Accepted);
        }

        Assert.Equal([2U], bench.ReadAll().Select(message => message.Sequence));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_dropped_and_counted()
    {
        Bench bench = new() { Options = OptionsOf(Bench.Lane()) with { MessageBytesMax = 1000 } };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));

        Assert.Equal(WriteResult.DroppedTooLarge, channel.WriteRaw(Bench.At(1), new byte[1001]));
        Assert.Equal(WriteResult.DroppedTooLarge, await channel.WriteRawAsync(Bench.At(1), new byte[1001], Ct));

        Assert.Equal(2UL, recorder.Ledger.Topics.Single().Drops["too_large"]);
        Assert.Equal(0UL, recorder.Ledger.Accepted);
    }

    [Fact]
    public async Task After_disposal_messages_are_refused_and_counted()
    {
        LocalRecorder recorder = await new Bench().OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        await recorder.DisposeAsync();
        await recorder.DisposeAsync();

        Assert.Equal(WriteResult.DroppedStopped, channel.WriteRaw(Bench.At(1), new byte[10]));
        Assert.Equal(1UL, recorder.Ledger.Topics.Single().Drops["stopped"]);
    }

    [Fact]
    public async Task What_a_source_lost_is_in_the_ledger()
    {
        await using LocalRecorder recorder = await new Bench().OpenAsync();
        recorder.Channel(Bench.Spec("/imu")).CountLost(7, "source");

        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.Equal(7UL, topic.Drops["source"]);
        Assert.Equal(7UL, topic.Offered);
    }

    internal static RecorderOptions OptionsOf(params LaneOptions[] lanes) =>
        new() { VehicleId = "veh-042", Lanes = lanes, FreeBytesMin = 0, CompressionWorkers = 2 };

    internal static void WriteMany(RecordingChannel channel, uint first, int count, int bytes)
    {
        for (uint number = first; number < first + count; number++)
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, bytes)));
    }

    internal static List<ChunkHeader> Chunks(Bench bench) =>
    [
        .. bench.Files.Segments
            .SelectMany(name => McapScan.Run(new MemorySource(bench.Files.Read(name))).PrivateRecords)
            .Where(record => record.Opcode == 0x80)
            .Select(record => ChunkRecord.Parser.ParseFrom(record.Content.Span).Header),
    ];

    /// <summary>Follows the hash chain of one lane over its segments.</summary>
    private sealed class ByteChain
    {
        private Google.Protobuf.ByteString _previous = Google.Protobuf.ByteString.CopyFrom(new byte[32]);

        public ulong Count { get; private set; }

        public void Check(byte[] segment)
        {
            McapScan scan = McapScan.Run(new MemorySource(segment));
            foreach ((McapScannedRecord record, McapScannedChunk chunk) in scan.PrivateRecords.Zip(scan.Chunks))
            {
                ChunkHeader header = ChunkRecord.Parser.ParseFrom(record.Content.Span).Header;
                Assert.Equal(record.End, chunk.Offset);
                Assert.Equal(++Count, header.Ref.Sequence);
                Assert.Equal(_previous, header.PreviousSha256);
                ReadOnlySpan<byte> body = segment.AsSpan((int)chunk.Offset, (int)chunk.BodyBytes);
                Assert.Equal((ulong)body.Length, header.BodyBytes);
                Assert.Equal(LaneChain.Hash(_previous, body), header.Sha256);
                Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo info));
                Assert.Equal(info.MessageStartTime, header.FirstLogTime);
                Assert.Equal(info.MessageEndTime, header.LastLogTime);
                Assert.Equal((ulong)info.MessageCount, header.Channels.Single().Messages);
                _previous = header.Sha256;
            }
        }
    }
}
