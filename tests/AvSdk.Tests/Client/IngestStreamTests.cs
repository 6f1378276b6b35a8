using System.Buffers;
using AvSdk.Ingestion;
using AvSdk.Mcap;

namespace AvSdk.Tests.Client;

public sealed class IngestStreamTests
{
    private static readonly McapLimits Limits = new() { RecordBytesMax = 4096, ChunkBytesMax = 4096 };

    [Fact]
    public void Private_records_have_these_bytes()
    {
        Guid source = new("00112233-4455-6677-8899-aabbccddeeff");
        Check("90 1A00000000000000 0100 00112233445566778899AABBCCDDEEFF 04000000 74657374",
            output => IngestRecords.Write(output, new HelloRecord(1, source, "test")));
        Check("91 2900000000000000 0100 00112233445566778899AABBCCDDEEFF 00100000 01000000 03000000 2F696D 0900000000000000",
            output => IngestRecords.Write(output, new WelcomeRecord(1, source, 4096, [new TopicPosition("/im", 9)])));
        Check("92 0A00000000000000 0200 0700000000000000",
            output => IngestRecords.Write(output, new NextOrdinalRecord(2, 7)));
        Check("93 1200000000000000 01000000 02000000 2F61 0500000000000000",
            output => IngestRecords.WriteDurable(output, [new TopicPosition("/a", 5)]));
        Check("94 0800000000000000 0300000000000000", output => IngestRecords.WriteFlush(output, 3));
        Check("95 0E00000000000000 0300000000000000 02000000 6E6F",
            output => IngestRecords.Write(output, new FlushedRecord(3, "no")));
        Check("96 1100000000000000 0100 0400000000000000 03000000 637075",
            output => IngestRecords.Write(output, new LostRecord(1, 4, "cpu")));
        Check("97 0800000000000000 0100000000000000", output => IngestRecords.WriteStatusRequest(output, 1));
        Check("98 0E00000000000000 0100000000000000 02000000 7B7D",
            output => IngestRecords.WriteStatus(output, 1, "{}"u8.ToArray()));
        Check("99 0E00000000000000 0800000000000000 02000000 6E6F",
            output => IngestRecords.Write(output, new ErrorRecord(8, "no")));
        Check("9A 0800000000000000 0500 02000000 6E6F",
            output => IngestRecords.Write(output, new RefusedRecord(5, "no")));

        static void Check(string expected, Action<IBufferWriter<byte>> write)
        {
            ArrayBufferWriter<byte> output = new();
            write(output);
            Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(output.WrittenSpan));
        }
    }

    [Fact]
    public void Private_records_are_read_back_and_every_truncation_is_told()
    {
        Guid id = Guid.NewGuid();
        HelloRecord hello = new(1, id, "software");
        Truncations(
            output => IngestRecords.Write(output, hello),
            content => IngestRecords.TryParseHello(content, out HelloRecord read) && read == hello);
        Truncations(
            output => IngestRecords.Write(output, new WelcomeRecord(1, id, 5, [new("/a", 1), new("/b", 2)])),
            content => IngestRecords.TryParseWelcome(content, out WelcomeRecord read)
                && read.Positions.SequenceEqual([new("/a", 1), new("/b", 2)]) && read.MessageBytesMax == 5);
        Truncations(
            output => IngestRecords.Write(output, new LostRecord(1, 2, "why")),
            content => IngestRecords.TryParseLost(content, out LostRecord read) && read == new LostRecord(1, 2, "why"));
        Truncations(
            output => IngestRecords.Write(output, new FlushedRecord(1, "why")),
            content => IngestRecords.TryParseFlushed(content, out FlushedRecord read) && read == new FlushedRecord(1, "why"));
        Truncations(
            output => IngestRecords.WriteStatus(output, 1, "{}"u8.ToArray()),
            content => IngestRecords.TryParseStatus(content, out _, out byte[] json) && json.SequenceEqual("{}"u8.ToArray()));

        static void Truncations(Action<IBufferWriter<byte>> write, Parse parse)
        {
            ArrayBufferWriter<byte> output = new();
            write(output);
            ReadOnlySpan<byte> content = output.WrittenSpan[9..];
            Assert.True(parse(content));
            Assert.True(parse([.. content, 1, 2, 3]), "fields of a later version are passed over");
            for (int bytes = 0; bytes < content.Length; bytes++)
                Assert.False(parse(content[..bytes]));
        }
    }

    [Fact]
    public void A_stream_is_the_same_however_its_bytes_come()
    {
        byte[] stream = Stream();
        List<string> whole = Feed(stream, stream.Length);
        Assert.Equal(7, whole.Count);
        for (int split = 1; split < stream.Length; split++)
            Assert.Equal(whole, FeedTwo(stream, split));
        foreach (int step in new[] { 1, 2, 3, 7, 64 })
            Assert.Equal(whole, Feed(stream, step));
    }

    [Fact]
    public void A_record_of_no_interest_may_be_longer_than_the_limit()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        McapRecordWriter.WriteAttachment(output, new McapAttachment(1, 1, "big", "x", new byte[100_000]));
        McapRecordWriter.WriteHeader(output, new McapHeader("", "after"));
        string record = Assert.Single(Feed(output.WrittenSpan.ToArray(), 1000));
        Assert.StartsWith($"1@{output.WrittenCount - 22}:", record, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "wrong magic")]
    [InlineData(3, "wrong magic")]
    public void A_wrong_magic_is_told_with_its_offset(int at, string what)
    {
        byte[] stream = Stream();
        stream[at] ^= 0x20;
        using IngestStreamParser parser = new(Limits);
        stream.AsMemory(0, 8).CopyTo(parser.GetMemory());
        parser.Advance(8);
        Assert.Equal(IngestRead.Error, parser.TryRead(out _));
        Assert.Contains(what, parser.Error.Message, StringComparison.Ordinal);
        Assert.Equal(IngestRead.Error, parser.TryRead(out _));
    }

    [Fact]
    public void A_length_over_the_limit_is_told_before_its_bytes_are_waited_for()
    {
        byte[] start = [.. McapMagic(), (byte)McapOpcode.Message, 0, 0, 0, 0, 1, 0, 0, 0];
        using IngestStreamParser parser = new(Limits);
        start.CopyTo(parser.GetMemory());
        parser.Advance(start.Length);
        Assert.Equal(IngestRead.Error, parser.TryRead(out _));
        Assert.Equal((McapErrorKind.LengthOverLimit, 9L), (parser.Error.Kind, parser.Error.Offset));
    }

    private delegate bool Parse(ReadOnlySpan<byte> content);

    private static byte[] McapMagic()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        return output.WrittenSpan.ToArray();
    }

    // Two files one after the other, the first with all that a writer may add.
    private static byte[] Stream()
    {
        ArrayBufferWriter<byte> output = new();
        foreach (string library in new[] { "first", "second" })
        {
            McapRecordWriter.WriteMagic(output);
            McapRecordWriter.WriteHeader(output, new McapHeader("", library));
            McapRecordWriter.WriteSchema(output, new McapSchema(1, "s", "jsonschema", "{}"u8.ToArray()));
            McapRecordWriter.WriteMessage(output, new McapMessageView(1, 2, 3, 4, "payload"u8));
            if (library == "first")
            {
                IngestRecords.WriteFlush(output, 1);
                McapRecordWriter.WriteMetadata(output, new McapMetadata("m", new Dictionary<string, string> { ["a"] = "b" }));
                McapRecordWriter.WriteDataEnd(output, 0);
            }

            McapRecordWriter.WriteFooter(output, new McapFooter(0, 0, 0));
            McapRecordWriter.WriteMagic(output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static List<string> FeedTwo(byte[] stream, int split)
    {
        using IngestStreamParser parser = new(Limits);
        List<string> records = [];
        Feed(parser, stream.AsSpan(0, split), records);
        Feed(parser, stream.AsSpan(split), records);
        Assert.True(parser.IsAtBoundary);
        return records;
    }

    private static List<string> Feed(byte[] stream, int step)
    {
        using IngestStreamParser parser = new(Limits);
        List<string> records = [];
        for (int at = 0; at < stream.Length; at += step)
            Feed(parser, stream.AsSpan(at, Math.Min(step, stream.Length - at)), records);
        Assert.True(parser.IsAtBoundary);
        Assert.Equal(stream.Length, parser.BytesReceived);
        return records;
    }

    private static void Feed(IngestStreamParser parser, ReadOnlySpan<byte> bytes, List<string> records)
    {
        bytes.CopyTo(parser.GetMemory().Span);
        parser.Advance(bytes.Length);
        while (parser.TryRead(out IngestRecord record) is IngestRead.Record)
            records.Add($"{record.Opcode}@{record.Offset}:{Convert.ToHexString(record.Content.Span)}");
        Assert.False(parser.Error.IsError, parser.Error.Message);
    }
}
