using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

/// <summary>The eight damaged drives: what each expectation beside them promises.</summary>
public sealed class DamagedDriveTests
{
    public static TheoryData<string> Drives =>
    [
        "truncated_mid_chunk.lz4", "missing_footer.zstd", "zeroed_4k_page.uncompressed",
        "flipped_byte_in_compressed_chunk.zstd", "chunk_uncompressed_size_2pow60.lz4",
        "channel_missing_schema.streaming", "duplicate_channel_id.streaming",
    ];

    [Theory]
    [MemberData(nameof(Drives))]
    public void Gives_the_intact_prefix_and_what_is_promised_beyond_it(string drive)
    {
        (byte[] bytes, DriveExpectation expected) = Read(drive);
        Recovered recovered = Recovered.From(bytes);
        List<Recovered.Message> messages = recovered.Messages;
        JsonElement prefix = expected.Root.GetProperty("intact_prefix");
        int prefixCount = prefix.GetProperty("total_messages").GetInt32();
        Assert.Equal(expected.Topics(prefix), Hashes(messages.Take(prefixCount)));
        JsonElement beyond = expected.Root.GetProperty("recoverable_beyond_prefix");
        if (beyond.ValueKind == JsonValueKind.Null)
            return;
        foreach ((string topic, (long count, string _)) in expected.Topics(beyond))
            Assert.InRange(messages.Count(m => m.Topic == topic), count, long.MaxValue);

        // The drive whose chunk lies about its size comes back whole: the chunk index has the size, the CRC says so.
        bool isWhole = drive.StartsWith("chunk_uncompressed_size", StringComparison.Ordinal);
        int total = isWhole
            ? expected.Root.GetProperty("made_from").GetProperty("total_messages").GetInt32()
            : beyond.GetProperty("total_messages").GetInt32();
        Assert.Equal(total, messages.Count);
        if (!isWhole)
            Assert.Equal(expected.Topics(beyond), Hashes(messages));
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public void Says_what_was_lost(string drive)
    {
        (byte[] bytes, DriveExpectation expected) = Read(drive);
        McapRecoveryReport report = Recovered.From(bytes).Report;
        int original = expected.Root.GetProperty("made_from").GetProperty("total_messages").GetInt32();
        bool isCut = drive.StartsWith("truncated", StringComparison.Ordinal);
        if (!isCut)
            Assert.Equal(original, report.MessagesRecovered + report.MessagesLost);
        Assert.Equal(bytes.Length, report.BytesRead);
        Assert.Equal(!isCut && !drive.StartsWith("missing_footer", StringComparison.Ordinal), report.WasSealed);
        (bool isLossy, int skipped) = drive.Split('.')[0] switch
        {
            "missing_footer" or "channel_missing_schema" or "chunk_uncompressed_size_2pow60" => (false, 0),
            "duplicate_channel_id" => (true, 2),
            _ => (true, 1),
        };
        Assert.Equal((isLossy, skipped), (report.IsLossy, report.Skipped.Count));
        long offset = expected.Root.GetProperty("fault").TryGetProperty("record_offset", out JsonElement record)
            ? record.GetInt64() : 0;
        if (isLossy)
            Assert.Equal(offset, report.Skipped[0].Offset);
        if (drive.StartsWith("zeroed", StringComparison.Ordinal) || drive.StartsWith("flipped", StringComparison.Ordinal))
            Assert.Equal(original - report.MessagesRecovered, report.Skipped[0].MessagesLost);
    }

    [Theory]
    [InlineData("truncated_mid_chunk.lz4", McapErrorKind.Truncated)]
    [InlineData("missing_footer.zstd", McapErrorKind.Truncated)]
    [InlineData("empty_file", McapErrorKind.Truncated)]
    [InlineData("zeroed_4k_page.uncompressed", McapErrorKind.CrcMismatch)]
    [InlineData("flipped_byte_in_compressed_chunk.zstd", McapErrorKind.CrcMismatch, McapErrorKind.DecompressionFailed)]
    [InlineData("chunk_uncompressed_size_2pow60.lz4", McapErrorKind.LengthOverLimit)]
    [InlineData("channel_missing_schema.streaming", McapErrorKind.ChannelWithoutSchema)]
    [InlineData("duplicate_channel_id.streaming", McapErrorKind.DuplicateChannelId)]
    public void The_indexed_reader_reports_the_fault_too(string drive, params McapErrorKind[] kinds)
    {
        (byte[] bytes, _) = Read(drive);
        McapException thrown = Assert.Throws<McapException>(() =>
        {
            using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(bytes));
            using McapMessageCursor cursor = reader.Read(McapQuery.All);
            while (cursor.MoveNext())
            {
            }
        });
        Assert.Contains(thrown.Error.Kind, kinds);
    }

    [Fact]
    public void An_empty_file_is_no_MCAP_file_and_leaves_the_sink_alone()
    {
        byte[] bytes = File.ReadAllBytes(SharedFiles.Require("drives", "damaged", "empty_file.mcap"));
        using MemoryStream output = new();
        McapException thrown = Assert.Throws<McapException>(() => McapRecovery.Recover(
            new MemorySource(bytes), new StreamSink(output), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(McapErrorKind.Truncated, thrown.Error.Kind);
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public void What_is_recovered_is_read_by_index_in_the_same_messages(string drive)
    {
        (byte[] bytes, _) = Read(drive);
        Recovered recovered = Recovered.From(bytes);
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(recovered.File));
        Assert.True(reader.IsFromSummary);
        Assert.Equal((ulong)recovered.Messages.Count, reader.Statistics!.MessageCount);
        using McapMessageCursor cursor = reader.Read(new McapQuery { Order = McapOrder.File });
        int count = 0;
        while (cursor.MoveNext())
        {
            Assert.Equal(recovered.Messages[count].Topic, cursor.Channel.Topic);
            Assert.Equal(recovered.Messages[count++].LogTime, cursor.Current.LogTime);
        }

        Assert.Equal(recovered.Messages.Count, count);
    }

    [Fact]
    public void A_zeroed_page_costs_only_what_it_hit_when_its_chunk_is_salvaged()
    {
        (byte[] bytes, DriveExpectation expected) = Read("zeroed_4k_page.uncompressed");
        McapRecoveryReport report =
            Recovered.From(bytes, new McapRecoveryOptions { SalvageDamagedChunks = true }).Report;
        int before = expected.Root.GetProperty("partial_in_damaged_chunk")
            .GetProperty("complete_messages_before_the_page").GetInt32();
        Assert.InRange(report.MessagesSalvaged, before, 607);
        Assert.Equal(report.MessagesSalvaged, report.MessagesUnchecked);
        Assert.Equal(2821 + report.MessagesSalvaged, report.MessagesRecovered);
        Assert.True(report.IsLossy);
        Assert.Equal(608 - report.MessagesSalvaged, report.MessagesLost);
    }

    [Fact]
    public void A_torn_chunk_gives_its_first_part_when_it_is_salvaged()
    {
        (byte[] bytes, DriveExpectation expected) = Read("truncated_mid_chunk.lz4");
        Recovered whole = Recovered.From(bytes);
        Recovered salvaged = Recovered.From(bytes, new McapRecoveryOptions { SalvageDamagedChunks = true });
        Assert.Equal(whole.Messages, salvaged.Messages.Take(whole.Messages.Count));
        Assert.InRange(salvaged.Report.MessagesSalvaged, 0,
            expected.Root.GetProperty("partial_in_damaged_chunk").GetProperty("messages_in_chunk").GetInt64());
    }

    private static (byte[] Bytes, DriveExpectation Expected) Read(string drive)
    {
        if (drive.EndsWith("zstd", StringComparison.Ordinal) && !ChunkCompression.Zstd.IsAvailable)
            Assert.Skip("no libzstd.so.1");
        string path = SharedFiles.Require("drives", "damaged", drive + ".mcap");
        return (File.ReadAllBytes(path), DriveExpectation.Of(path));
    }

    private static Dictionary<string, (long Count, string Hash)> Hashes(IEnumerable<Recovered.Message> messages)
    {
        DriveExpectation.Hashes hashes = new();
        foreach (Recovered.Message m in messages)
        {
            hashes.Add(m.Topic, new McapMessageView(
                m.ChannelId, m.Sequence, m.LogTime, m.PublishTime, Convert.FromHexString(m.Data)));
        }

        return hashes.Result();
    }
}
