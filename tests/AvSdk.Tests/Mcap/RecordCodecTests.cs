using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

/// <summary>Records against bytes put down by hand from the specification's tables.</summary>
public sealed class RecordCodecTests
{
    private static readonly McapLimits Limits = McapLimits.Default;

    private delegate bool Parse<T>(ReadOnlySpan<byte> content, out T value, out McapError error);

    [Fact]
    public void Magic() => Expect("89 4D 43 41 50 30 0D 0A", McapRecordWriter.WriteMagic);

    [Fact]
    public void A_header() => Check(
        "01 0B00000000000000 01000000 70 02000000 6C62",
        new McapHeader("p", "lb"),
        McapRecordWriter.WriteHeader,
        (ReadOnlySpan<byte> c, out McapHeader v, out McapError e) =>
            McapRecordReader.TryParseHeader(c, Limits, out v, out e));

    [Fact]
    public void A_footer() => Check(
        "02 1400000000000000 0100000000000000 0200000000000000 03000000",
        new McapFooter(1, 2, 3),
        McapRecordWriter.WriteFooter,
        McapRecordReader.TryParseFooter);

    [Fact]
    public void A_schema() => Check(
        "03 1200000000000000 0500 01000000 6E 01000000 65 02000000 AABB",
        new McapSchema(5, "n", "e", new byte[] { 0xAA, 0xBB }),
        McapRecordWriter.WriteSchema,
        (ReadOnlySpan<byte> c, out McapSchema v, out McapError e) =>
            McapRecordReader.TryParseSchema(c, Limits, out v, out e));

    [Fact]
    public void A_channel() => Check(
        "04 1D00000000000000 0600 0500 02000000 2F74 01000000 6D 0A000000 01000000 6B 01000000 76",
        new McapChannel(6, 5, "/t", "m", new Dictionary<string, string> { ["k"] = "v" }),
        McapRecordWriter.WriteChannel,
        (ReadOnlySpan<byte> c, out McapChannel v, out McapError e) =>
            McapRecordReader.TryParseChannel(c, Limits, out v, out e));

    [Fact]
    public void A_message()
    {
        byte[] bytes = Expect(
            "05 1800000000000000 0600 07000000 0800000000000000 0900000000000000 AABB",
            o => McapRecordWriter.WriteMessage(o, new McapMessageView(6, 7, 8, 9, [0xAA, 0xBB])));
        Assert.True(McapRecordReader.TryParseMessage(bytes.AsSpan(9), out McapMessageView message, out _));
        Assert.Equal((6, 7u, 8ul, 9ul),
            (message.ChannelId, message.Sequence, message.LogTime, message.PublishTime));
        Assert.Equal(new byte[] { 0xAA, 0xBB }, message.Data);
    }

    [Fact]
    public void A_chunk_with_its_message_index()
    {
        using ChunkBuilder builder = new();
        builder.AddMessage(6, 7, 8, 9, 1)[0] = 0xAA;
        // CRC-32 of the 32 bytes of the message record.
        byte[] message = Convert.FromHexString("05" + "1700000000000000" + "0600" + "07000000"
            + "0800000000000000" + "0900000000000000" + "AA");
        string crc = Convert.ToHexString(BitConverter.GetBytes(Crc32.Compute(message)));
        byte[] bytes = Expect(
            "06 4800000000000000 0800000000000000 0800000000000000 2000000000000000" + crc + "00000000"
            + "2000000000000000" + Convert.ToHexString(message)
            + "07 1600000000000000 0600 10000000 0800000000000000 0000000000000000",
            o => builder.WriteBody(ChunkCompression.None, o));
        Assert.True(ChunkBody.TryParse(bytes, out ChunkBodyInfo info));
        Assert.Equal((9 + 28 + 4 + 8, 32, 81),
            (info.RecordsOffset, info.RecordsBytes, info.ChunkRecordBytes));
    }

    [Fact]
    public void An_attachment_ends_in_the_CRC_of_its_fields()
    {
        string fields = "0100000000000000 0200000000000000 01000000 6E 01000000 6D 0100000000000000 AA"
            .Replace(" ", "", StringComparison.Ordinal);
        string crc = Convert.ToHexString(BitConverter.GetBytes(Crc32.Compute(Convert.FromHexString(fields))));
        McapAttachment attachment = new(1, 2, "n", "m", new byte[] { 0xAA });
        byte[] bytes = Expect(
            "09 2700000000000000" + fields + crc, o => McapRecordWriter.WriteAttachment(o, attachment));
        Assert.True(
            McapRecordReader.TryParseAttachment(bytes.AsSpan(9), Limits, out McapAttachment got, out _));
        Assert.Equal(attachment, got);
        for (int bit = 9 * 8; bit < bytes.Length * 8; bit++)
        {
            byte[] damaged = [.. bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(
                McapRecordReader.TryParseAttachment(damaged.AsSpan(9), Limits, out _, out McapError error));
            Assert.True(error.IsError);
        }
    }

    [Fact]
    public void Metadata() => Check(
        "0C 1300000000000000 01000000 6E 0A000000 01000000 6B 01000000 76",
        new McapMetadata("n", new Dictionary<string, string> { ["k"] = "v" }),
        McapRecordWriter.WriteMetadata,
        (ReadOnlySpan<byte> c, out McapMetadata v, out McapError e) =>
            McapRecordReader.TryParseMetadata(c, Limits, out v, out e));

    [Fact]
    public void The_indexes_of_attachments_and_metadata()
    {
        Check(
            "0A 3200000000000000 0100000000000000 0200000000000000 0300000000000000 0400000000000000"
            + "0500000000000000 01000000 6E 01000000 6D",
            new McapAttachmentIndex(1, 2, 3, 4, 5, "n", "m"),
            McapRecordWriter.WriteAttachmentIndex,
            (ReadOnlySpan<byte> c, out McapAttachmentIndex v, out McapError e) =>
                McapRecordReader.TryParseAttachmentIndex(c, Limits, out v, out e));
        Check(
            "0D 1500000000000000 0100000000000000 0200000000000000 01000000 6E",
            new McapMetadataIndex(1, 2, "n"),
            McapRecordWriter.WriteMetadataIndex,
            (ReadOnlySpan<byte> c, out McapMetadataIndex v, out McapError e) =>
                McapRecordReader.TryParseMetadataIndex(c, Limits, out v, out e));
    }

    [Fact]
    public void Statistics()
    {
        byte[] bytes = Expect(
            "0B 3800000000000000 0100000000000000 0200 03000000 04000000 05000000 06000000"
            + "0700000000000000 0800000000000000 0A000000 0900 0100000000000000",
            o => McapRecordWriter.WriteStatistics(o, new McapStatistics
            {
                MessageCount = 1,
                SchemaCount = 2,
                ChannelCount = 3,
                AttachmentCount = 4,
                MetadataCount = 5,
                ChunkCount = 6,
                MessageStartTime = 7,
                MessageEndTime = 8,
                ChannelMessageCounts = new Dictionary<ushort, ulong> { [9] = 1 },
            }));
        Assert.True(
            McapRecordReader.TryParseStatistics(bytes.AsSpan(9), out McapStatistics statistics, out _));
        Assert.Equal((1ul, 6u, 8ul, 1ul), (statistics.MessageCount, statistics.ChunkCount,
            statistics.MessageEndTime, statistics.ChannelMessageCounts[9]));
    }

    [Fact]
    public void A_chunk_index()
    {
        byte[] bytes = Expect(
            "08 4D00000000000000 0100000000000000 0200000000000000 0300000000000000 0400000000000000"
            + "0A000000 0900 0500000000000000 0600000000000000 03000000 6C7A34 0700000000000000"
            + "0800000000000000",
            o => McapRecordWriter.WriteChunkIndex(o, new McapChunkIndex
            {
                MessageStartTime = 1,
                MessageEndTime = 2,
                ChunkStartOffset = 3,
                ChunkLength = 4,
                MessageIndexOffsets = new Dictionary<ushort, ulong> { [9] = 5 },
                MessageIndexLength = 6,
                Compression = "lz4",
                CompressedSize = 7,
                UncompressedSize = 8,
            }));
        Assert.True(
            McapRecordReader.TryParseChunkIndex(bytes.AsSpan(9), Limits, out McapChunkIndex index, out _));
        Assert.Equal((3ul, 5ul, "lz4", 8ul), (index.ChunkStartOffset, index.MessageIndexOffsets[9],
            index.Compression, index.UncompressedSize));
    }

    [Fact]
    public void A_summary_offset_and_a_data_end()
    {
        Check(
            "0E 1100000000000000 04 0100000000000000 0200000000000000",
            new McapSummaryOffset(McapOpcode.Channel, 1, 2),
            McapRecordWriter.WriteSummaryOffset,
            McapRecordReader.TryParseSummaryOffset);
        Check(
            "0F 0400000000000000 01000000",
            1u,
            McapRecordWriter.WriteDataEnd,
            McapRecordReader.TryParseDataEnd);
    }

    [Fact]
    public void A_private_record() =>
        Expect("80 0100000000000000 AA", o => McapRecordWriter.WritePrivate(o, 0x80, [0xAA]));

    [Fact]
    public void A_record_cut_short_says_how_many_bytes_it_takes()
    {
        byte[] bytes = Expect("80 0100000000000000 AA", o => McapRecordWriter.WritePrivate(o, 0x80, [0xAA]));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(
                McapReadStatus.NeedMore,
                McapRecordReader.TryRead(bytes.AsSpan(0, length), Limits, out McapRecordView record));
            Assert.Equal(length < 9 ? 9 : 10, record.TotalBytes);
        }

        Assert.Equal(McapReadStatus.Ok, McapRecordReader.TryRead(bytes, Limits, out McapRecordView whole));
        Assert.True(whole.IsPrivate);
    }

    [Fact]
    public void Opcode_0_and_a_length_over_the_limit_are_errors()
    {
        Assert.Equal(
            McapReadStatus.Error, McapRecordReader.TryRead([0, 1], Limits, out _, out McapError error));
        Assert.Equal(McapErrorKind.UnexpectedRecord, error.Kind);

        byte[] record = new byte[9];
        record[0] = 5;
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(1), 1UL << 60);
        Assert.Equal(McapReadStatus.Error, McapRecordReader.TryRead(record, Limits, out _, out error));
        Assert.Equal((McapErrorKind.LengthOverLimit, 1L), (error.Kind, error.Offset));
    }

    [Fact]
    public void Text_that_is_not_UTF8_and_keys_that_stand_twice_are_errors()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteHeader(output, new McapHeader("abc", ""));
        byte[] bytes = output.WrittenSpan.ToArray();
        bytes[14] = 0xFF;
        Assert.False(McapRecordReader.TryParseHeader(bytes.AsSpan(9), Limits, out _, out McapError error));
        Assert.Equal((McapErrorKind.InvalidText, 4L), (error.Kind, error.Offset));

        output.ResetWrittenCount();
        Dictionary<string, string> pairs = new() { ["k1"] = "v", ["k2"] = "v" };
        McapRecordWriter.WriteMetadata(output, new McapMetadata("n", pairs));
        bytes = output.WrittenSpan.ToArray();
        bytes[bytes.AsSpan().IndexOf("k2"u8) + 1] = (byte)'1';
        Assert.False(McapRecordReader.TryParseMetadata(bytes.AsSpan(9), Limits, out _, out error));
        Assert.Equal(McapErrorKind.DuplicateKey, error.Kind);
    }

    [Fact]
    public void Bytes_after_the_known_fields_are_passed_over()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteHeader(output, new McapHeader("p", "l"));
        output.Write("later fields"u8);
        Assert.True(
            McapRecordReader.TryParseHeader(output.WrittenSpan[9..], Limits, out McapHeader header, out _));
        Assert.Equal(new McapHeader("p", "l"), header);
    }

    private static byte[] Expect(string hex, Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        Assert.Equal(
            new StringBuilder(hex).Replace(" ", "").ToString(), Convert.ToHexString(output.WrittenSpan));
        return output.WrittenSpan.ToArray();
    }

    // The golden bytes come out, are read back, and each cut of the content is an error with a place in it.
    private static void Check<T>(string hex, T value, Action<IBufferWriter<byte>, T> write, Parse<T> parse)
    {
        byte[] bytes = Expect(hex, o => write(o, value));
        ReadOnlySpan<byte> content = bytes.AsSpan(9);
        Assert.True(parse(content, out T got, out _));
        Assert.Equal(value, got);
        for (int length = 0; length < content.Length; length++)
        {
            Assert.False(parse(content[..length], out _, out McapError error));
            Assert.Equal(McapErrorKind.LengthMismatch, error.Kind);
            Assert.InRange(error.Offset, 0, length);
        }
    }
}
