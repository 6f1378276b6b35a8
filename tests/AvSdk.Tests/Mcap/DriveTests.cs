using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class DriveTests
{
    public static TheoryData<string> Drives =>
        ["rav4_60s.uncompressed", "rav4_60s.lz4", "rav4_60s.zstd", "rav4_60s.streaming"];

    [Theory]
    [MemberData(nameof(Drives))]
    public void A_drive_read_by_stream_is_the_one_that_was_recorded(string drive)
    {
        string path = Require(drive);
        DriveExpectation expected = DriveExpectation.Of(path);
        DriveExpectation.Hashes hashes = new();
        List<McapMetadata> metadata = [];
        List<McapAttachment> attachments = [];
        using McapStreamReader reader = new(File.OpenRead(path));
        while (reader.Read())
        {
            if (reader.Opcode == McapOpcode.Message)
                hashes.Add(reader.MessageChannel.Topic, reader.Message);
            else if (reader.Opcode == McapOpcode.Metadata)
                metadata.Add(Parsed(reader.Content));
            else if (reader.Opcode == McapOpcode.Attachment)
                attachments.Add(ParsedAttachment(reader.Content));
        }

        Assert.Equal(expected.Topics(), hashes.Result());
        Assert.Equal(expected.Metadata(), metadata);
        Assert.Equal(expected.Attachments(), attachments.Select(DriveExpectation.Describe));
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task A_drive_read_by_index_is_the_one_that_was_recorded(string drive)
    {
        string path = Require(drive);
        DriveExpectation expected = DriveExpectation.Of(path);
        foreach (McapOrder order in new[] { McapOrder.LogTime, McapOrder.File })
        {
            using McapIndexedReader reader = McapIndexedReader.Open(path);
            DriveExpectation.Hashes hashes = new();
            ulong last = 0;
            using (McapMessageCursor cursor = reader.Read(new McapQuery { Order = order }))
            {
                while (await cursor.MoveNextAsync(TestContext.Current.CancellationToken))
                {
                    hashes.Add(cursor.Channel.Topic, cursor.Current);
                    Assert.True(order == McapOrder.File || cursor.Current.LogTime >= last);
                    last = cursor.Current.LogTime;
                }
            }

            Assert.Equal(expected.Topics(), hashes.Result());
            Assert.Equal(expected.Metadata(), reader.MetadataIndexes.Select(reader.ReadMetadata));
            Assert.Equal(
                expected.Attachments(),
                reader.Attachments.Select(a => DriveExpectation.Describe(reader.ReadAttachment(a))));
            Assert.Equal(!drive.EndsWith("streaming", StringComparison.Ordinal), reader.IsFromSummary);
        }
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public void A_drive_read_in_reverse_is_the_mirror_of_itself(string drive)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(Require(drive));
        List<(ulong, uint, string, int)> forward = [];
        using (McapMessageCursor cursor = reader.Read(McapQuery.All))
        {
            while (cursor.MoveNext())
                forward.Add(Of(cursor));
        }

        using McapMessageCursor reverse = reader.Read(new McapQuery { Order = McapOrder.ReverseLogTime });
        for (int i = forward.Count - 1; i >= 0; i--)
        {
            Assert.True(reverse.MoveNext());
            Assert.Equal(forward[i], Of(reverse));
        }

        Assert.False(reverse.MoveNext());

        static (ulong, uint, string, int) Of(McapMessageCursor cursor) => (cursor.Current.LogTime,
            cursor.Current.Sequence, cursor.Channel.Topic, cursor.Current.Data.Length);
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public void A_query_by_topic_and_time_gives_what_a_whole_read_filtered_gives(string drive)
    {
        string path = Require(drive);
        ulong from = 1533226500000000000;
        ulong to = 1533226510000000000;
        string[] topics = ["/imu", "/camera/front", "/no/such/topic"];
        List<(ulong, uint, string)> expected = [];
        using (McapStreamReader stream = new(File.OpenRead(path)))
        {
            while (stream.ReadMessage())
            {
                McapMessageView message = stream.Message;
                if (message.LogTime >= from && message.LogTime < to
                    && topics.Contains(stream.MessageChannel.Topic))
                    expected.Add((message.LogTime, message.Sequence, stream.MessageChannel.Topic));
            }
        }

        List<(ulong, uint, string)> got = [];
        using McapIndexedReader reader = McapIndexedReader.Open(path);
        using McapMessageCursor cursor = reader.Read(new McapQuery { From = from, To = to, Topics = topics });
        while (cursor.MoveNext())
            got.Add((cursor.Current.LogTime, cursor.Current.Sequence, cursor.Channel.Topic));
        Assert.NotEmpty(got);
        Assert.Equal(expected.OrderBy(m => m.Item1), got);
    }

    [Theory]
    [InlineData("truncated_mid_chunk.lz4", McapErrorKind.Truncated)]
    [InlineData("missing_footer.zstd", McapErrorKind.Truncated)]
    [InlineData("empty_file", McapErrorKind.Truncated)]
    [InlineData("zeroed_4k_page.uncompressed", McapErrorKind.CrcMismatch)]
    [InlineData("flipped_byte_in_compressed_chunk.zstd", McapErrorKind.CrcMismatch,
        McapErrorKind.DecompressionFailed)]
    [InlineData("chunk_uncompressed_size_2pow60.lz4", McapErrorKind.LengthOverLimit)]
    [InlineData("channel_missing_schema.streaming", McapErrorKind.ChannelWithoutSchema)]
    [InlineData("duplicate_channel_id.streaming", McapErrorKind.DuplicateChannelId)]
    public void A_damaged_drive_is_read_up_to_the_damage_and_no_further(string drive,
        params McapErrorKind[] kinds)
    {
        string path = SharedFiles.Require("drives", "damaged", drive + ".mcap");
        SkipWithoutZstandard(drive);
        DriveExpectation expected = DriveExpectation.Of(path);
        DriveExpectation.Hashes hashes = new();
        using McapStreamReader reader = new(File.OpenRead(path));
        McapException thrown = Assert.Throws<McapException>(() =>
        {
            while (reader.ReadMessage())
                hashes.Add(reader.MessageChannel.Topic, reader.Message);
        });
        Assert.Contains(thrown.Error.Kind, kinds);
        Assert.InRange(thrown.Error.Offset, 0, new FileInfo(path).Length);
        if (expected.Root.GetProperty("intact_prefix").GetProperty("total_messages").GetInt32() > 0)
            Assert.Equal(expected.Topics(expected.Root.GetProperty("intact_prefix")), hashes.Result());
        else
            Assert.Empty(hashes.Result());
    }

    [Theory]
    [InlineData("truncated_mid_chunk.lz4")]
    [InlineData("missing_footer.zstd")]
    public void An_unsealed_drive_is_read_by_scan_where_that_is_allowed(string drive)
    {
        string path = SharedFiles.Require("drives", "damaged", drive + ".mcap");
        SkipWithoutZstandard(drive);
        Assert.Equal(
            McapErrorKind.Truncated,
            Assert.Throws<McapException>(() => McapIndexedReader.Open(path)).Error.Kind);
        DriveExpectation expected = DriveExpectation.Of(path);
        DriveExpectation.Hashes hashes = new();
        using McapIndexedReader reader =
            McapIndexedReader.Open(path, new McapReadOptions { AllowUnsealed = true });
        using McapMessageCursor cursor = reader.Read(McapQuery.All);
        while (cursor.MoveNext())
            hashes.Add(cursor.Channel.Topic, cursor.Current);
        Assert.Equal(expected.Topics(expected.Root.GetProperty("intact_prefix")), hashes.Result());
    }

    [Fact]
    public void Every_file_of_the_conformance_suite_is_read_by_stream()
    {
        string folder = SharedFiles.Require("mcap-conformance");
        int files = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.mcap", SearchOption.AllDirectories))
        {
            using McapStreamReader reader = new(File.OpenRead(path));
            int messages = 0;
            while (reader.Read())
                messages += reader.Opcode == McapOpcode.Message ? 1 : 0;
            string name = Path.GetFileName(path);
            int expected = name.StartsWith("Ten", StringComparison.Ordinal) ? 10
                : name.Contains("Message", StringComparison.Ordinal) ? 1 : 0;
            Assert.Equal((name, expected), (name, messages));
            files++;
        }

        Assert.Equal(416, files);
    }

    [Fact]
    public void Every_file_of_the_conformance_suite_is_read_by_index()
    {
        string folder = SharedFiles.Require("mcap-conformance");
        foreach (string path in Directory.EnumerateFiles(folder, "*.mcap", SearchOption.AllDirectories))
        {
            using McapIndexedReader reader = McapIndexedReader.Open(path);
            using McapMessageCursor cursor = reader.Read(McapQuery.All);
            int messages = 0;
            while (cursor.MoveNext())
                messages++;
            string name = Path.GetFileName(path);
            int expected = name.StartsWith("Ten", StringComparison.Ordinal) ? 10
                : name.Contains("Message", StringComparison.Ordinal) ? 1 : 0;
            Assert.Equal((name, expected), (name, messages));
        }
    }

    private static string Require(string drive)
    {
        SkipWithoutZstandard(drive);
        return SharedFiles.Require("drives", drive + ".mcap");
    }

    private static void SkipWithoutZstandard(string drive)
    {
        if (drive.EndsWith("zstd", StringComparison.Ordinal) && !ChunkCompression.Zstd.IsAvailable)
            Assert.Skip("no libzstd.so.1");
    }

    private static McapMetadata Parsed(ReadOnlySpan<byte> content)
    {
        Assert.True(
            McapRecordReader.TryParseMetadata(content, McapLimits.Default, out McapMetadata metadata, out _));
        return metadata;
    }

    private static McapAttachment ParsedAttachment(ReadOnlySpan<byte> content)
    {
        Assert.True(McapRecordReader.TryParseAttachment(
            content, McapLimits.Default, out McapAttachment attachment, out _));
        return attachment;
    }
}
