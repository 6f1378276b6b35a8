using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

public sealed class McapDoctorTests
{
    [Fact]
    public void Every_file_of_the_conformance_suite_is_without_errors()
    {
        string folder = SharedFiles.Require("mcap-conformance");
        foreach (string path in Directory.EnumerateFiles(folder, "*.mcap", SearchOption.AllDirectories))
        {
            McapCheckReport report = Check(File.ReadAllBytes(path));
            Assert.Equal((Path.GetFileName(path), ""), (Path.GetFileName(path), Errors(report)));
        }
    }

    [Theory]
    [InlineData("rav4_60s.uncompressed")]
    [InlineData("rav4_60s.lz4")]
    [InlineData("rav4_60s.zstd")]
    [InlineData("rav4_60s.streaming")]
    public void A_drive_is_without_errors(string drive)
    {
        SkipWithoutZstandard(drive);
        using FileSource source = new(SharedFiles.Require("drives", drive + ".mcap"));
        McapCheckReport report = McapDoctor.Check(source, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("", Errors(report));
        Assert.Equal(168_820, report.Messages);
        Assert.True(report.IsSealed);
        Assert.Equal(drive.EndsWith("streaming", StringComparison.Ordinal), report.CountsByCode.ContainsKey("unchunked"));
    }

    [Theory]
    [InlineData("truncated_mid_chunk.lz4", "framing")]
    [InlineData("missing_footer.zstd", "footer")]
    [InlineData("empty_file", "magic")]
    [InlineData("zeroed_4k_page.uncompressed", "chunk-crc")]
    [InlineData("flipped_byte_in_compressed_chunk.zstd", "chunk-crc", "chunk-content")]
    [InlineData("chunk_uncompressed_size_2pow60.lz4", "chunk-header")]
    [InlineData("channel_missing_schema.streaming", "channel-schema")]
    [InlineData("duplicate_channel_id.streaming", "channel-conflict")]
    public void A_damaged_drive_is_told_what_is_wrong_with_it(string drive, params string[] codes)
    {
        SkipWithoutZstandard(drive);
        byte[] bytes = File.ReadAllBytes(SharedFiles.Require("drives", "damaged", drive + ".mcap"));
        McapCheckReport report = Check(bytes);
        Assert.False(report.IsGood);
        McapFinding first = report.Findings[0];
        Assert.Equal(McapSeverity.Error, first.Severity);
        Assert.Contains(first.Code, codes);
        Assert.InRange(first.Offset, 0, bytes.Length);
        Assert.NotEmpty(first.Remedy);
    }

    [Fact]
    public void A_flip_of_any_bit_of_a_small_file_is_an_error()
    {
        byte[] file = SmallFile.Write();
        Assert.True(Check(file).IsGood, Errors(Check(file)));
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] flipped = [.. file];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Check(flipped).IsGood, $"bit {bit % 8} of byte {bit / 8}");
        }
    }

    [Fact]
    public void A_cut_at_any_byte_leaves_an_error_or_a_file_that_is_only_unsealed()
    {
        byte[] file = SmallFile.Write();
        int dataEnd = (int)McapScan.Run(new MemorySource(file)).DataEndOffset!.Value;
        for (int length = 0; length < file.Length; length++)
        {
            McapCheckReport report = Check(file[..length]);
            Assert.False(report.IsSealed);
            Assert.True(report.ErrorCount > 0 || (length <= dataEnd && report.CountsByCode.ContainsKey("unsealed")),
                $"{length} bytes");
        }
    }

    [Fact]
    public void Statistics_and_indexes_that_lie_are_found_even_where_their_CRC_is_right()
    {
        byte[] file = WithSummary(McapOpcode.Statistics, content => content[0]++);
        Assert.Equal(["statistics"], Codes(file));
        file = WithSummary(McapOpcode.ChunkIndex, content => content[8]++);
        Assert.Equal(["chunk-index"], Codes(file));
        file = WithSummary(McapOpcode.AttachmentIndex, content => content[16]++);
        Assert.Equal(["attachment-index"], Codes(file));
        file = WithSummary(McapOpcode.MetadataIndex, content => content[0]++);
        Assert.Equal(["metadata-index"], Codes(file));
        file = WithSummary(McapOpcode.SummaryOffset, content => content[9]++);
        Assert.Equal(["summary-offset"], Codes(file));
        file = WithSummary(McapOpcode.Channel, content => content[^1] ^= 1);
        Assert.Equal(["summary-definition"], Codes(file));
    }

    [Fact]
    public void A_file_of_many_tiny_chunks_far_out_of_order_is_given_advice()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 1, DataSectionCrc = false }, true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "protobuf"));
            writer.AddChannel(new McapChannel(2, 0, "/a", "json"));
            for (uint i = 0; i < 1200; i++)
                writer.WriteMessage(1, i, i == 1199 ? 5 : (ulong)i * 1_000_000_000, 0, [1]);
        }

        McapCheckReport report = Check(stream.ToArray());
        Assert.Equal("", Errors(report));
        string[] expected = ["chunks-tiny", "out-of-order", "schema-empty", "time-near-1970", "topic-twice"];
        Assert.Equal(expected, report.CountsByCode.Keys.Order());
        Assert.Equal(expected.Length, report.WarningCount);
    }

    [Fact]
    public void Chunks_that_overlap_are_counted_with_the_memory_that_they_take()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 60 }, true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "json"));
            for (uint i = 0; i < 20; i++)
            {
                writer.WriteMessage(1, i, 2_000_000_000_000_000_000UL + i, 0, [1]);
                writer.WriteMessage(1, i, 2_000_000_000_500_000_000UL + i, 0, [1]);
            }
        }

        McapFinding finding = Assert.Single(Check(stream.ToArray()).Findings);
        Assert.Equal(("chunks-overlap", true), (finding.Code, finding.What.Contains("20 chunks", StringComparison.Ordinal)));
    }

    [Fact]
    public void Findings_of_one_kind_are_bounded_and_the_rest_is_counted()
    {
        ArrayBufferWriter<byte> output = new();
        McapRecordWriter.WriteMagic(output);
        McapRecordWriter.WriteHeader(output, new McapHeader("", ""));
        for (int i = 0; i < 100; i++)
            McapRecordWriter.WriteMessage(output, new McapMessageView(7, 0, ulong.MaxValue / 2, 0, []));
        McapCheckReport report = McapDoctor.Check(new MemorySource(output.WrittenMemory),
            new McapCheckOptions { FindingsPerCodeMax = 3 }, null, TestContext.Current.CancellationToken);
        Assert.Equal((3, 100L), (report.Findings.Count(f => f.Code == "message-channel"), report.ErrorCount));
        Assert.Equal(100, report.CountsByCode["message-channel"]);
    }

    // The small file with one record of its summary changed, and the summary's CRC made right again.
    private static byte[] WithSummary(McapOpcode opcode, Action<Span<byte>> change)
    {
        byte[] file = SmallFile.Write();
        int start = (int)McapScan.Run(new MemorySource(file)).DataEndOffset!.Value + 13;
        for (int at = start; ;)
        {
            Assert.Equal(McapReadStatus.Ok,
                McapRecordReader.TryRead(file.AsSpan(at), McapLimits.Default, out McapRecordView record));
            if (record.Opcode == opcode)
            {
                change(file.AsSpan(at + 9, record.Content.Length));
                break;
            }

            at += (int)record.TotalBytes;
        }

        BitConverter.TryWriteBytes(file.AsSpan(file.Length - 12), Crc32.Compute(file.AsSpan(start..^12)));
        return file;
    }

    private static McapCheckReport Check(byte[] file) =>
        McapDoctor.Check(new MemorySource(file), cancellationToken: TestContext.Current.CancellationToken);

    private static IEnumerable<string> Codes(byte[] file) => Check(file).CountsByCode.Keys.Except(["time-near-1970"]);

    private static string Errors(McapCheckReport report) => string.Join('\n',
        report.Findings.Where(f => f.Severity == McapSeverity.Error).Select(f => $"{f.Code}: {f.What}"));

    private static void SkipWithoutZstandard(string drive)
    {
        if (drive.EndsWith("zstd", StringComparison.Ordinal) && !ChunkCompression.Zstd.IsAvailable)
            Assert.Skip("no libzstd.so.1");
    }
}
