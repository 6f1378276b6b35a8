using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using ChunkRecord = AvSdk.Contracts.V1.ChunkRecord;

namespace AvSdk.Tests.Recording;

/// <summary>
/// A chunk whose private record rotted has an intact body: it is delivered, or its file is kept and counted.
/// </summary>
public sealed class BrokenRecordTests
{
    // Of MCAP: opcode and length before a record's content.
    private const int PrefixBytes = 9;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<bool, int, byte> Flips
    {
        get
        {
            TheoryData<bool, int, byte> flips = [];
            foreach (bool isSealed in new[] { true, false })
            {
                foreach (int chunk in new[] { 0, 1 })
                {
                    foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
                        flips.Add(isSealed, chunk, flip);
                }
            }

            return flips;
        }
    }

    [Theory]
    [MemberData(nameof(Flips))]
    public async Task Whatever_byte_of_a_private_record_flips_no_chunk_is_silently_gone(
        bool isSealed, int chunk, byte flip)
    {
        (MemoryFiles files, string name) = await TwoChunksAsync(isSealed);
        byte[] whole = files.Read(name);
        McapScan scan = McapScan.Run(new MemorySource(whole));
        byte[][] bodies =
            [.. scan.Chunks.Select(body => whole.AsSpan((int)body.Offset, (int)body.BodyBytes).ToArray())];
        McapScannedRecord record = scan.PrivateRecords[chunk];
        for (long at = record.Offset; at < record.End; at++)
        {
            byte[] bytes = [.. whole];
            bytes[at] ^= flip;
            Bench bench = new() { Files = files.Copy(), Gateway = new FakeGateway() };
            bench.Files.Write(name, bytes);
            LocalRecorder recorder = await bench.OpenAsync();
            await recorder.DrainAsync(Ct);
            await recorder.DisposeAsync();

            byte[]?[] stored = [.. new ulong[] { 1, 2 }.Select(sequence => bench.Gateway.Stored
                .FirstOrDefault(entry => entry.Key.Sequence == sequence).Value)];
            foreach ((byte[]? arrived, byte[] body) in stored.Zip(bodies))
                Assert.True(arrived is null || arrived.SequenceEqual(body));
            bool isKept = bench.Files.Names.Contains(name + ".damaged")
                && recorder.Status.Recovery.DamagedFiles + recorder.Status.Uplink.ChunksRejected > 0
                && bench.Files.Read(name + ".damaged").SequenceEqual(bytes);
            string left = string.Join(", ", bench.Files.Names);
            Assert.True(isKept || stored.All(body => body is not null), $"Byte {at - record.Offset}: {left}");
        }
    }

    [Fact]
    public async Task The_only_chunk_of_a_sealed_segment_is_kept_when_its_record_cannot_be_read()
    {
        Bench stopped = new();
        LocalRecorder first = await stopped.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await first.DisposeAsync();
        string name = stopped.Files.Segments.Single();
        byte[] bytes = stopped.Files.Read(name);
        bytes[McapScan.Run(new MemorySource(bytes)).PrivateRecords[0].Offset + PrefixBytes] ^= 0xFF;
        await AssertKeptAsync(stopped.Files, name, bytes);
    }

    [Fact]
    public async Task A_small_unsealed_segment_with_broken_metadata_and_a_whole_chunk_is_kept()
    {
        (MemoryFiles files, string name) = await TwoChunksAsync(isSealed: false);
        byte[] bytes = files.Read(name);
        // The first length inside the metadata.
        bytes[(int)McapScan.Run(new MemorySource(bytes)).MetadataIndexes[0].Offset + PrefixBytes] ^= 0xFF;
        await AssertKeptAsync(files, name, bytes);
    }

    [Fact]
    public async Task A_chunk_with_a_record_of_more_than_a_mebibyte_is_delivered()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 3, 100);
        await first.FlushAsync(Ct);
        string name = killed.Files.Segments.Single();
        byte[] bytes = killed.Files.Read(name);
        McapScannedRecord record = McapScan.Run(new MemorySource(bytes)).PrivateRecords[0];
        ChunkRecord content = ChunkRecord.Parser.ParseFrom(record.Content.Span);
        for (ulong number = 0; number < 20_000; number++)
        {
            content.Positions.Add(new SourcePosition
            {
                SourceId = RecordingIds.ToBytes(Guid.CreateVersion7()),
                Topic = $"/a/long/topic/of/a/source/{number}",
                Messages = number,
            });
        }

        content.Check = 0;
        byte[] large = RecordCheck.Seal(content, id => new ChannelDefinition
        {
            ChannelId = id,
            Topic = "/imu",
            MessageEncoding = "raw",
            SchemaId = 1,
            SchemaSha256 = SchemaHash.Compute("jsonschema", "test.imu", "{}"u8),
        });
        Assert.True(large.Length > McapScan.PrivateBytesMax);
        MemoryFiles files = killed.Files.Copy();
        byte[] length = BitConverter.GetBytes((ulong)large.Length);
        files.Write(
            name, [.. bytes[..(int)(record.Offset + 1)], .. length, .. large, .. bytes[(int)record.End..]]);

        Bench bench = new() { Files = files, Gateway = new FakeGateway() };
        LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        await second.DisposeAsync();
        Assert.Equal([1U, 2U, 3U], UploadTests.Stored(bench.Gateway));
        Assert.Equal(0, second.Status.Recovery.DamagedFiles);
    }

    // A rotten bit in what a gateway is told of a channel would end every stream, and nothing would be delivered again.
    [Fact]
    public async Task A_channel_whose_definition_has_rotted_is_told_to_nobody()
    {
        (MemoryFiles files, string name) = await TwoChunksAsync(isSealed: false);
        byte[] bytes = files.Read(name);
        bytes[bytes.AsSpan().IndexOf("/imu"u8) + 1] ^= 1;
        Bench bench = new() { Files = files.Copy(), Gateway = new FakeGateway() };
        bench.Files.Write(name, bytes);
        LocalRecorder recorder = await bench.OpenAsync();
        recorder.Channel(Bench.Spec("/gnss")).WriteRaw(new MessageStamp(1, 1, 1), "{}"u8);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        Assert.Equal([1U], UploadTests.Stored(bench.Gateway));
        Assert.Equal(bytes, bench.Files.Read(name + ".damaged"));
        Assert.Equal(1, recorder.Status.Recovery.DamagedFiles);
    }

    private static async Task<(MemoryFiles Files, string Name)> TwoChunksAsync(bool isSealed)
    {
        Bench bench = new();
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 2; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 3), 3, 100);
            await recorder.FlushAsync(Ct);
        }

        MemoryFiles killed = bench.Files.Copy();
        await recorder.DisposeAsync();
        return (isSealed ? bench.Files : killed, bench.Files.Segments.Single());
    }

    private static async Task AssertKeptAsync(MemoryFiles files, string name, byte[] bytes)
    {
        Bench bench = new() { Files = files.Copy(), Gateway = new FakeGateway() };
        bench.Files.Write(name, bytes);
        LocalRecorder recorder = await bench.OpenAsync();
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        Assert.Equal(bytes, bench.Files.Read(name + ".damaged"));
        Assert.Equal(1, recorder.Status.Recovery.DamagedFiles);
        Assert.Empty(bench.Gateway.Stored);
    }
}
