using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class AppendTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"avsdk-{Guid.NewGuid():N}.mcap");

    public static TheoryData<bool, bool, bool> Ways => new()
    {
        { true, false, true }, { false, false, true }, { true, true, true }, { false, true, true },
        { true, false, false }, { false, false, false },
    };

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(Ways))]
    public void Three_appends_make_the_file_that_one_writer_makes(bool isSealed, bool inChunks, bool chunked)
    {
        McapWriterOptions options = new()
        {
            ChunkBytes = chunked ? 700 : 0,
            DefinitionsInChunks = inChunks,
            FinishOnDispose = isSealed,
        };
        using (McapWriter writer = new(File.Create(_path), options))
        {
            writer.WriteMetadata(SmallFile.Metadata);
            Fill(writer, 0, 100);
            writer.Flush();
        }

        for (int part = 1; part <= 3; part++)
        {
            using McapWriter writer = McapWriter.Append(_path, options);
            Assert.Equal(1, Fill(writer, part * 100, (part * 100) + 100));
            writer.WriteAttachment(SmallFile.Attachment);
            writer.Flush();
        }

        McapWriter.Append(_path, options with { FinishOnDispose = true }).Dispose();
        using McapIndexedReader reader = McapIndexedReader.Open(_path);
        Assert.Equal(chunked, reader.IsFromSummary);
        McapScan scan = McapScan.Run(new FileSource(_path));
        Assert.True(scan.IsSealed);
        Assert.Equal("/a", Assert.Single(reader.Channels).Value.Topic);
        Assert.Single(reader.Schemas);
        Assert.Equal(3, reader.Attachments.Count);
        Assert.Single(reader.MetadataIndexes);
        Assert.Equal(Enumerable.Range(0, 400).Select(i => (ulong)i), LogTimes(reader));
        if (!chunked)
            return;
        Assert.Equal(400UL, reader.Statistics!.MessageCount);
        Assert.Equal(400UL, reader.Statistics.ChannelMessageCounts[1]);
        Assert.Equal((0UL, 399UL), (reader.Statistics.MessageStartTime, reader.Statistics.MessageEndTime));
        Assert.Equal(scan.Chunks.Select(c => c.Offset), reader.Chunks.Select(c => (long)c.ChunkStartOffset));
    }

    [Fact]
    public void The_crc_of_the_data_section_goes_on_where_the_file_was_finished()
    {
        WriteFinished(0, 50);
        using (McapWriter writer = McapWriter.Append(_path))
            Fill(writer, 50, 60);
        byte[] file = File.ReadAllBytes(_path);
        int dataEnd = (int)McapScan.Run(new MemorySource(file)).DataEndOffset!.Value;
        uint crc = BitConverter.ToUInt32(file, dataEnd + 9);
        Assert.Equal(Crc32.Compute(file.AsSpan(0, dataEnd)), crc);
    }

    [Fact]
    public void A_process_that_dies_while_it_appends_leaves_the_messages_of_before()
    {
        WriteFinished(0, 300);
        McapWriterOptions dies = new() { ChunkBytes = 700, FinishOnDispose = false };
        using (McapWriter writer = McapWriter.Append(_path, dies))
        {
            Fill(writer, 300, 400);
            writer.Flush();
        }

        byte[] whole = File.ReadAllBytes(_path);
        for (int cut = 0; cut < 400; cut++)
        {
            File.WriteAllBytes(_path, whole[..^cut]);
            using (McapWriter writer = McapWriter.Append(_path))
                Fill(writer, 900, 901);
            using McapIndexedReader reader = McapIndexedReader.Open(_path);
            List<ulong> times = [.. LogTimes(reader)];
            Assert.Equal(Enumerable.Range(0, 300).Select(i => (ulong)i), times.Take(300));
            Assert.Equal(900UL, times[^1]);
        }
    }

    [Fact]
    public void A_file_damaged_before_its_end_is_not_cut()
    {
        WriteFinished(0, 300);
        byte[] file = File.ReadAllBytes(_path);
        McapScan scan = McapScan.Run(new MemorySource(file));
        file[(int)scan.Chunks[2].Offset + 1] ^= 0x40;
        file[^20] ^= 1;
        File.WriteAllBytes(_path, file);
        Assert.Throws<McapException>(() => McapWriter.Append(_path));
        Assert.Equal(file, File.ReadAllBytes(_path));
        File.WriteAllText(_path, "not MCAP at all");
        Assert.Throws<McapException>(() => McapWriter.Append(_path));
        Assert.Throws<FileNotFoundException>(() => McapWriter.Append(_path + ".none"));
    }

    [Fact]
    public void A_summary_that_lies_is_not_believed()
    {
        WriteFinished(0, 300);
        byte[] file = File.ReadAllBytes(_path);
        file[^60] ^= 1;
        File.WriteAllBytes(_path, file);
        using (McapWriter writer = McapWriter.Append(_path))
            Fill(writer, 300, 400);
        using McapIndexedReader reader = McapIndexedReader.Open(_path);
        Assert.Equal(400, LogTimes(reader).Count());
    }

    private static IEnumerable<ulong> LogTimes(McapIndexedReader reader)
    {
        List<ulong> times = [];
        using McapMessageCursor messages = reader.Read(new McapQuery());
        while (messages.MoveNext())
            times.Add(messages.Current.LogTime);
        return times;
    }

    private static ushort Fill(McapWriter writer, int from, int to)
    {
        ushort schema = writer.AddSchema("demo.Imu", "protobuf", "schema"u8.ToArray());
        ushort channel = writer.AddChannel("/a", "protobuf", schema);
        for (int i = from; i < to; i++)
            writer.WriteMessage(channel, (uint)i, (ulong)i, (ulong)i, SmallFile.Payload(i));
        return channel;
    }

    private void WriteFinished(int from, int to)
    {
        using McapWriter writer = new(File.Create(_path), new McapWriterOptions { ChunkBytes = 700 });
        Fill(writer, from, to);
    }
}
