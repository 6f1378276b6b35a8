using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class WriterOptionsTests
{
    [Fact]
    public void Options_that_make_no_sense_are_refused_with_every_reason()
    {
        McapWriterOptions options = new() { ChunkBytes = -1, Workers = 65 };
        Assert.Equal(2, options.Validate().Count);
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new McapWriter(new MemoryStream(), options));
        Assert.Contains("ChunkBytes is -1", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Workers is 65", thrown.Message, StringComparison.Ordinal);
        Assert.Empty(new McapWriterOptions().Validate());
    }

    [Fact]
    public void A_level_that_the_format_has_not_is_refused()
    {
        Assert.Equal(9, (ChunkCompression.Lz4 with { Level = 9 }).Level);
        Assert.Equal(3, ChunkCompression.Zstd.Level);
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkCompression.Lz4 with { Level = 13 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkCompression.Lz4 with { Level = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkCompression.Zstd with { Level = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkCompression.None with { Level = 1 });
    }

    [Theory]
    [InlineData("lz4", 0, 9)]
    [InlineData("lz4", 3, 12)]
    [InlineData("zstd", 1, 19)]
    public void A_higher_level_makes_a_smaller_file_with_the_same_messages(string name, int low, int high)
    {
        ChunkCompression compression = ChunkBuilderTests.Of(name);
        byte[] fast = Text(new McapWriterOptions { Compression = compression with { Level = low } });
        byte[] small = Text(new McapWriterOptions { Compression = compression with { Level = high } });
        Assert.True(small.Length < fast.Length, $"{small.Length} is not less than {fast.Length}");
        Assert.Equal(Messages(fast), Messages(small));
    }

    [Fact]
    public void With_definitions_in_chunks_each_chunk_is_understood_by_itself()
    {
        byte[] file = Two(new McapWriterOptions { ChunkBytes = 200, DefinitionsInChunks = true });
        McapScan scan = McapScan.Run(new MemorySource(file));
        Assert.True(scan.Chunks.Count > 2);
        Assert.Empty(scan.Schemas);
        Assert.Equal("/unused", Assert.Single(scan.Channels).Topic);
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            byte[] alone =
            [
                .. file.AsSpan(0, (int)scan.Chunks[0].Offset),
                .. file.AsSpan((int)chunk.Offset, (int)chunk.BodyBytes),
            ];
            using McapStreamReader reader = new(new MemoryStream(alone), new McapReadOptions { AllowUnsealed = true });
            int messages = 0;
            while (reader.ReadMessage())
                messages++;
            Assert.Equal(chunk.Channels.Sum(c => c.Messages), messages);
        }
    }

    [Fact]
    public void A_body_made_elsewhere_has_its_definitions_before_it_even_when_they_are_kept_for_the_chunks()
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new() { DefinitionsInChunks = true };
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            for (ushort id = 1; id <= 3; id++)
                writer.AddChannel(new McapChannel(id, 0, $"/{id}", ""));
            writer.WriteChunkBody(ChunkBodyTests.Body(ChunkCompression.Lz4));
        }

        using McapStreamReader reader = new(new MemoryStream(stream.ToArray()));
        int messages = 0;
        while (reader.ReadMessage())
            messages++;
        Assert.Equal(40, messages);
    }

    [Fact]
    public void Without_crcs_and_indexes_a_file_still_reads()
    {
        McapWriterOptions options = new()
        {
            ChunkBytes = 200,
            ChunkCrcs = false,
            DataSectionCrc = false,
            MessageIndexes = false,
        };
        byte[] file = Two(options);
        Assert.All(McapScan.Run(new MemorySource(file)).Chunks, c => Assert.Empty(c.Channels));
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        Assert.Equal(20UL, reader.Statistics!.MessageCount);
        Assert.All(reader.Chunks, c => Assert.Empty(c.MessageIndexOffsets));
        Assert.Equal(20, Messages(file).Count);
    }

    [Fact]
    public void A_plain_file_has_the_crc_that_its_bytes_have()
    {
        foreach (bool chunkCrcs in new[] { true, false })
        {
            byte[] file = Two(new McapWriterOptions { ChunkBytes = 200, Compression = ChunkCompression.None, ChunkCrcs = chunkCrcs });
            int dataEnd = (int)McapScan.Run(new MemorySource(file)).DataEndOffset!.Value;
            Assert.Equal(Crc32.Compute(file.AsSpan(0, dataEnd)), BitConverter.ToUInt32(file, dataEnd + 9));
            Assert.Equal(20, Messages(file).Count);
        }
    }

    [Fact]
    public void The_same_definition_added_by_name_again_has_the_same_id()
    {
        using McapWriter writer = new(new MemoryStream());
        ushort schema = writer.AddSchema("a", "b", "c"u8.ToArray());
        Assert.Equal(schema, writer.AddSchema("a", "b", "c"u8.ToArray()));
        Assert.NotEqual(schema, writer.AddSchema("a", "b", "d"u8.ToArray()));
        ushort channel = writer.AddChannel("/t", "json", schema);
        Assert.Equal(channel, writer.AddChannel("/t", "json", schema));
        Assert.NotEqual(channel, writer.AddChannel("/t", "json"));
        Assert.NotEqual(channel, writer.AddChannel("/t", "cbor", schema));
    }

    private static byte[] Two(McapWriterOptions options)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            writer.AddSchema(SmallFile.Schema);
            writer.AddChannel(SmallFile.First);
            writer.AddChannel(SmallFile.Second);
            writer.AddChannel("/unused", "");
            for (int i = 0; i < 20; i++)
                writer.WriteMessage((ushort)(1 + (i / 3 % 2)), (uint)i, SmallFile.LogTime(i), 1, SmallFile.Payload(i));
        }

        return stream.ToArray();
    }

    private static byte[] Text(McapWriterOptions options)
    {
        Random random = new(1);
        string[] words = ["lidar", "radar", "camera", "wheel", "speed", "{\"x\":", "\"}", "0.0", "1.25", "frame"];
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "json");
            for (uint i = 0; i < 2000; i++)
            {
                string text = string.Concat(Enumerable.Range(0, 20).Select(_ => words[random.Next(words.Length)]));
                writer.WriteMessage(channel, i, i, i, System.Text.Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }

    private static List<string> Messages(byte[] file)
    {
        List<string> messages = [];
        using McapStreamReader reader = new(new MemoryStream(file));
        while (reader.ReadMessage())
        {
            McapMessageView m = reader.Message;
            messages.Add($"{reader.MessageChannel.Topic} {m.Sequence} {m.LogTime} {Convert.ToHexString(m.Data)}");
        }

        return messages;
    }
}
