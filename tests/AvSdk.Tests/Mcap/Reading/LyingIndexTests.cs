using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class LyingIndexTests
{
    private const int Messages = 300;

    public static TheoryData<string> Lies => [.. MakeLies().Keys];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_chunk_index_that_lies_is_told_so_by_every_way_of_reading(string lie)
    {
        byte[] file = Write();
        byte[] lying = Lying(file, MakeLies()[lie]);
        Assert.Equal(Messages, (await ReadAsync(new MemorySource(Lying(file, (i, all) => all[i])), McapOrder.LogTime, 0))
            .Count);
        foreach (McapOrder order in Enum.GetValues<McapOrder>())
        {
            foreach (int ahead in new[] { 0, 2 })
            {
                IMcapSource[] sources = [new CopyingSource(lying), new MemorySource(lying), new RemoteSource(lying)];
                foreach (IMcapSource source in sources)
                {
                    McapException thrown =
                        await Assert.ThrowsAsync<McapException>(() => ReadAsync(source, order, ahead));
                    Assert.Equal(McapErrorKind.IndexMismatch, thrown.Error.Kind);
                    Assert.Contains("McapStreamReader", thrown.Message, StringComparison.Ordinal);
                }
            }
        }

        // The file itself is good, and the remedy that the message names works.
        using McapStreamReader stream = new(new MemoryStream(lying));
        int read = 0;
        while (stream.ReadMessage())
            read++;
        Assert.Equal(Messages, read);
    }

    [Theory]
    [InlineData(0ul, 0ul)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(0ul, ulong.MaxValue)]
    public async Task A_chunk_that_says_other_times_than_its_messages_have_is_told_so(ulong start, ulong end)
    {
        byte[] file = Write();
        byte[] lying = Lying(file, (i, all) => i == 1
            ? all[i] with { MessageStartTime = start, MessageEndTime = end }
            : all[i]);
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        int at = (int)reader.Chunks[1].ChunkStartOffset + 9;
        BinaryPrimitives.WriteUInt64LittleEndian(lying.AsSpan(at), start);
        BinaryPrimitives.WriteUInt64LittleEndian(lying.AsSpan(at + 8), end);
        if (start == 0 && end == ulong.MaxValue)
        {
            // Wider is not wrong: only slower.
            Assert.Equal(Messages, (await ReadAsync(new CopyingSource(lying), McapOrder.LogTime, 0)).Count);
            return;
        }

        foreach (McapOrder order in Enum.GetValues<McapOrder>())
        {
            McapException thrown = await Assert.ThrowsAsync<McapException>(
                () => ReadAsync(new CopyingSource(lying), order, 0));
            Assert.Equal(McapErrorKind.IndexMismatch, thrown.Error.Kind);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_source_that_gives_less_than_it_said_is_told_so(int ahead)
    {
        byte[] file = Write();
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        McapChunkIndex chunk = reader.Chunks[3];
        for (int kept = (int)chunk.ChunkStartOffset; kept < (int)(chunk.ChunkStartOffset + chunk.ChunkLength); kept += 7)
        {
            ShortSource source = new(file);
            McapReadOptions options = new() { ReadAhead = ahead, Pool = new CountingPool() };
            using McapIndexedReader shortened = McapIndexedReader.Open(source, options);
            source.End = kept;
            McapMessageCursor cursor = shortened.Read(McapQuery.All);
            McapException thrown = await Assert.ThrowsAsync<McapException>(
                () => RandomDrive.ReadAsync(cursor, TestContext.Current.CancellationToken));
            Assert.Equal((McapErrorKind.Truncated, (long)kept), (thrown.Error.Kind, thrown.Error.Offset));
            Assert.Equal(0, ((CountingPool)options.Pool).Rented);
        }
    }

    private static Dictionary<string, Func<int, IReadOnlyList<McapChunkIndex>, McapChunkIndex>> MakeLies()
    {
        return new()
        {
            ["a length of 2^60"] = Second(c => c with { ChunkLength = 1UL << 60 }),
            ["no length"] = Second(c => c with { ChunkLength = 0 }),
            ["a byte too long"] = Second(c => c with { ChunkLength = c.ChunkLength + 1 }),
            ["a byte too short"] = Second(c => c with { ChunkLength = c.ChunkLength - 1 }),
            ["a byte off"] = Second(c => c with { ChunkStartOffset = c.ChunkStartOffset + 1 }),
            ["out of the file"] = Second(c => c with { ChunkStartOffset = 1UL << 60 }),
            ["the largest offset"] = Second(c => c with { ChunkStartOffset = ulong.MaxValue }),
            ["the sign bit"] = Second(c => c with { ChunkStartOffset = 1UL << 63, ChunkLength = 1UL << 63 }),
            ["the file's start"] = Second(c => c with { ChunkStartOffset = 0 }),
            ["the message indexes"] = Second(c => c with { ChunkStartOffset = c.ChunkStartOffset + c.ChunkLength }),
            ["an earlier start"] = Second(c => c with { MessageStartTime = 0 }),
            ["a later end"] = Second(c => c with { MessageEndTime = ulong.MaxValue }),
            ["a later start"] = Second(c => c with { MessageStartTime = c.MessageStartTime + 1 }),
            ["an earlier end"] = Second(c => c with { MessageEndTime = c.MessageEndTime - 1 }),
            ["end before start"] = Second(
                c => c with { MessageStartTime = c.MessageEndTime, MessageEndTime = c.MessageStartTime }),
            ["2^60 bytes uncompressed"] = Second(c => c with { UncompressedSize = 1UL << 60 }),
            ["another compression"] = Second(c => c with { Compression = "" }),
            ["the chunk before"] = (i, all) => i == 1 ? all[0] : all[i],
            ["the times of the one before"] = (i, all) => i == 1
                ? all[i] with { MessageStartTime = all[0].MessageStartTime, MessageEndTime = all[0].MessageEndTime }
                : all[i],
            ["the place of the one after"] = (i, all) => i == 1
                ? all[i] with { ChunkStartOffset = all[2].ChunkStartOffset, ChunkLength = all[2].ChunkLength }
                : i == 2 ? all[i] with { ChunkStartOffset = all[1].ChunkStartOffset, ChunkLength = all[1].ChunkLength }
                : all[i],
        };

        static Func<int, IReadOnlyList<McapChunkIndex>, McapChunkIndex> Second(Func<McapChunkIndex, McapChunkIndex> lie) =>
            (i, all) => i == 1 ? lie(all[i]) : all[i];
    }

    private static async Task<List<RandomDrive.Got>> ReadAsync(IMcapSource source, McapOrder order, int ahead)
    {
        CountingPool pool = new();
        McapReadOptions options = new() { Pool = pool, ReadAhead = ahead, CheckCrcs = false };
        try
        {
            using McapIndexedReader reader = McapIndexedReader.Open(source, options);
            return await RandomDrive.ReadAsync(
                reader.Read(new McapQuery { Order = order }), TestContext.Current.CancellationToken);
        }
        finally
        {
            Assert.Equal(0, pool.Rented);
            Assert.InRange(pool.RentedMax, 0, 100_000);
        }
    }

    private static byte[] Write()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(
            stream, new McapWriterOptions { ChunkBytes = 2000, Compression = ChunkCompression.Lz4 }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "raw");
            for (uint i = 0; i < Messages; i++)
                writer.WriteMessage(channel, i, 100 + i, 100 + i, [.. Enumerable.Repeat((byte)i, 60)]);
        }

        return stream.ToArray();
    }

    /// <summary>The same file with other chunk indexes, and no CRC of data section or summary that would tell.</summary>
    private static byte[] Lying(byte[] file, Func<int, IReadOnlyList<McapChunkIndex>, McapChunkIndex> lie)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        int summary = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(file.Length - 28));
        ArrayBufferWriter<byte> output = new();
        output.Write(file.AsSpan(0, summary - 4));
        output.Write(new byte[4]);
        foreach (McapChannel channel in reader.Channels.Values)
            McapRecordWriter.WriteChannel(output, channel);
        McapRecordWriter.WriteStatistics(output, reader.Statistics!);
        for (int i = 0; i < reader.Chunks.Count; i++)
            McapRecordWriter.WriteChunkIndex(output, lie(i, reader.Chunks));
        McapRecordWriter.WriteFooter(output, new McapFooter((ulong)summary, 0, 0));
        McapRecordWriter.WriteMagic(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A file that from some time on ends before it should.</summary>
    private sealed class ShortSource(byte[] bytes) : IMcapSource
    {
        public int End { get; set; } = bytes.Length;

        public long Length => bytes.Length;

        public int ReadAt(long offset, Span<byte> destination) =>
            new MemorySource(bytes.AsMemory(0, End)).ReadAt(offset, destination);

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(ReadAt(offset, destination.Span));
    }
}
