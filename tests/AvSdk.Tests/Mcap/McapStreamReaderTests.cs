using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class McapStreamReaderTests
{
    public static TheoryData<string> Compressions => ["", "lz4"];

    [Fact]
    public void Every_split_of_the_input_gives_the_same_records()
    {
        byte[] file = SmallFile.Write();
        List<string> expected = Records(file, file.Length);
        Assert.Equal(SmallFile.Messages,
            expected.Count(r => r.StartsWith("Message ", StringComparison.Ordinal)));
        for (int piece = 1; piece < 200; piece++)
            Assert.Equal(expected, Records(file, piece));
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public void Every_truncation_is_reported_with_the_remedy_and_loses_no_whole_record(string compression)
    {
        byte[] file = SmallFile.Write(ChunkBuilderTests.Of(compression));
        List<string> whole = Records(file, file.Length);
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            List<string> got = [];
            McapException thrown = Assert.Throws<McapException>(() => Read(cut, cut.Length, null, got));
            Assert.Equal(McapErrorKind.Truncated, thrown.Error.Kind);
            Assert.Equal(length, thrown.Error.Offset);
            Assert.Contains("AllowUnsealed", thrown.Message, StringComparison.Ordinal);
            Assert.Equal(whole.Take(got.Count), got);
        }
    }

    [Fact]
    public void An_unsealed_file_may_end_after_any_record_where_that_is_allowed()
    {
        byte[] file = SmallFile.Write();
        McapScan scan = McapScan.Run(new MemorySource(file));
        McapReadOptions options = new() { AllowUnsealed = true };
        HashSet<long> ends = [scan.DataEndOffset!.Value];
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            ends.Add(chunk.Offset);
            ends.Add(chunk.End);
        }

        foreach (long end in ends)
        {
            List<string> got = [];
            Read(file[..(int)end], 4096, options, got);
            Assert.NotEmpty(got);
            Assert.Throws<McapException>(() => Read(file[..(int)(end - 1)], 4096, options, []));
        }
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public void A_flipped_bit_anywhere_is_found(string compression)
    {
        byte[] file = SmallFile.Write(ChunkBuilderTests.Of(compression));
        List<string> whole = Records(file, file.Length);
        int crcOfDataEnd = (int)McapScan.Run(new MemorySource(file)).DataEndOffset!.Value + 9;
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] damaged = [.. file];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            List<string> got = [];
            Exception? thrown = Record.Exception(() => Read(damaged, damaged.Length, null, got));
            Assert.True(thrown is McapException,
                $"bit {bit % 8} of byte {bit / 8} (DataEnd CRC at {crcOfDataEnd})");
        }
    }

    [Fact]
    public void Something_else_than_MCAP_is_told_so()
    {
        McapException thrown =
            Assert.Throws<McapException>(() => Read("#ROSBAG V2.0\n"u8.ToArray(), 100, null, []));
        Assert.Equal((McapErrorKind.WrongMagic, 0L), (thrown.Error.Kind, thrown.Error.Offset));
        Assert.Contains("Check that the path names an .mcap file", thrown.Message, StringComparison.Ordinal);

        thrown = Assert.Throws<McapException>(() =>
            McapIndexedReader.Open(new MemorySource("#ROSBAG V2.0\n"u8.ToArray())));
        Assert.Equal(McapErrorKind.WrongMagic, thrown.Error.Kind);
        thrown =
            Assert.Throws<McapException>(() => McapScan.Run(new MemorySource("#ROSBAG V2.0\n"u8.ToArray())));
        Assert.Equal(McapErrorKind.WrongMagic, thrown.Error.Kind);
    }

    [Fact]
    public void An_empty_file_is_told_so()
    {
        foreach (Action read in new Action[]
        {
            () => Read([], 100, null, []),
            () => McapIndexedReader.Open(new MemorySource(default)),
            () => McapScan.Run(new MemorySource(default)),
        })
        {
            McapException thrown = Assert.Throws<McapException>(read);
            Assert.Equal(McapErrorKind.Truncated, thrown.Error.Kind);
        }
    }

    [Fact]
    public void Bytes_after_the_end_are_an_error()
    {
        byte[] file = [.. SmallFile.Write(), 1];
        Assert.Equal(McapErrorKind.UnexpectedRecord,
            Assert.Throws<McapException>(() => Read(file, 4096, null, [])).Error.Kind);
    }

    [Fact]
    public void A_message_before_its_channel_is_an_error()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        McapRecordWriter.WriteHeader(output, new McapHeader("", ""));
        McapRecordWriter.WriteMessage(output, new McapMessageView(3, 0, 0, 0, []));
        McapException thrown = Assert.Throws<McapException>(
            () => Read(output.WrittenSpan.ToArray(), 4096, null, []));
        Assert.Equal(McapErrorKind.UnknownChannel, thrown.Error.Kind);
        Assert.Contains("channel 3", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_length_makes_nobody_rent_memory_before_the_bytes_come()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        McapRecordWriter.WriteHeader(output, new McapHeader("", ""));
        output.Write<byte>([0x80, 0, 0, 0, 0x30, 0, 0, 0, 0]);
        using McapStreamDecoder decoder = new();
        output.WrittenSpan.CopyTo(decoder.GetInput().Span);
        decoder.Commit(output.WrittenCount);
        Assert.Equal(McapDecodeStatus.Record, decoder.Read());
        Assert.Equal(McapDecodeStatus.NeedInput, decoder.Read());
        Assert.InRange(decoder.GetInput().Length, 1, 1 << 20);
    }

    [Fact]
    public void Reading_messages_of_a_chunk_allocates_nothing()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, leaveOpen: true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", ""));
            for (uint i = 0; i < 5000; i++)
                writer.WriteMessage(1, i, i, i, "payload"u8);
        }

        stream.Position = 0;
        using McapStreamReader reader = new(stream);
        ulong sum = 0;
        for (int i = 0; i < 100; i++)
            Assert.True(reader.ReadMessage());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 100; i < 5000; i++)
        {
            reader.ReadMessage();
            sum += reader.Message.LogTime;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0ul, sum);
    }

    private static List<string> Records(byte[] file, int pieceBytes)
    {
        List<string> records = [];
        Read(file, pieceBytes, null, records);
        return records;
    }

    private static void Read(byte[] file, int pieceBytes, McapReadOptions? options, List<string> records)
    {
        using McapStreamReader reader = new(new PieceStream(file, pieceBytes), options);
        while (reader.Read())
        {
            string content = Convert.ToHexString(reader.Content);
            records.Add($"{reader.Opcode} {reader.IsInChunk} {reader.RecordOffset} {content}");
        }
    }

    /// <summary>Gives its bytes in pieces, as a socket does.</summary>
    private sealed class PieceStream(byte[] bytes, int pieceBytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) =>
            base.Read(buffer[..Math.Min(buffer.Length, pieceBytes)]);
    }
}
