using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class FaultTests
{
    public static TheoryData<int, string, bool> Ways => new()
    {
        { 0, "lz4", false }, { 0, "", false }, { 0, "lz4", true }, { 2, "lz4", false }, { 2, "", true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_fault_at_any_write_surfaces_at_once_and_what_was_written_before_is_read(
        int workers, string compression, bool inChunks)
    {
        McapWriterOptions options = new()
        {
            ChunkBytes = 300,
            Workers = workers,
            Compression = ChunkBuilderTests.Of(compression),
            DefinitionsInChunks = inChunks,
        };
        FaultySink whole = new(int.MaxValue);
        WriteEverything(whole, options);
        for (int writes = 0; writes < whole.Writes; writes++)
        {
            FaultySink sink = new(writes);
            Exception? thrown = Record.Exception(() => WriteEverything(sink, options));
            Assert.IsType<IOException>(thrown);
            Assert.Equal(writes + 1, sink.Writes);
            Assert.True(whole.ToArray().AsSpan(0, (int)sink.Position).SequenceEqual(sink.ToArray()));
            if (writes > 0)
                Assert.InRange(McapScan.Run(new MemorySource(sink.ToArray())).EndOfWholeRecords, 1, sink.Position);
        }
    }

    [Fact]
    public void A_flush_that_fails_ends_the_writer()
    {
        McapWriter writer = new(new FaultySink(int.MaxValue, flushFails: true));
        ushort channel = writer.AddChannel("/a", "");
        writer.WriteMessage(channel, 0, 0, 0, []);
        Assert.Throws<IOException>(writer.Flush);
        Assert.Throws<InvalidOperationException>(() => writer.WriteMessage(channel, 0, 0, 0, []));
        Assert.Throws<InvalidOperationException>(() => writer.AddChannel("/b", ""));
        Assert.Throws<InvalidOperationException>(() => writer.WriteMetadata(SmallFile.Metadata));
        Assert.Throws<InvalidOperationException>(() => writer.WriteAttachment(SmallFile.Attachment));
        Assert.Throws<InvalidOperationException>(() => writer.WriteAttachment("a", "b", 0, 0, Stream.Null, 0));
        Assert.Throws<InvalidOperationException>(() => writer.WritePrivateRecord(0x80, []));
        writer.Dispose();
    }

    [Fact]
    public void A_disk_that_is_full_says_so_and_ends_the_writer()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("no /dev/full");
        McapWriterOptions options = new() { ChunkBytes = 10_000 };
        McapWriter? writer = null;
        Exception? thrown = Record.Exception(() =>
        {
            writer = new McapWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), options, leaveOpen: true);
            ushort channel = writer.AddChannel("/a", "");
            byte[] noise = new byte[5000];
            new Random(1).NextBytes(noise);
            for (uint i = 0; i < 10; i++)
                writer.WriteMessage(channel, i, i, i, noise);
        });
        Assert.IsType<IOException>(thrown);
        Assert.Throws<InvalidOperationException>(() => writer!.WriteMessage(1, 0, 0, 0, []));
    }

    private static void WriteEverything(FaultySink sink, McapWriterOptions options)
    {
        McapWriter? writer = null;
        try
        {
            writer = new McapWriter(sink, options);
            writer.AddSchema(SmallFile.Schema);
            writer.AddChannel(SmallFile.First);
            for (int i = 0; i < 40; i++)
            {
                writer.WriteMessage(SmallFile.First.Id, (uint)i, SmallFile.LogTime(i), 1, SmallFile.Payload(i));
                if (i == 20)
                    writer.WriteAttachment("a", "b", 1, 2, new MemoryStream(new byte[100]), 100);
            }

            writer.WriteMetadata(SmallFile.Metadata);
            writer.WritePrivateRecord(0x80, "x"u8);
            for (ushort id = 1; id <= 3; id++)
                writer.AddChannel(id == 1 ? SmallFile.First : new McapChannel(id, 0, $"/{id}", ""));
            writer.WriteChunkBody(ChunkBodyTests.Body(ChunkCompression.Lz4));
            writer.Finish();
        }
        catch (IOException) when (writer is not null)
        {
            int writes = sink.Writes;
            Assert.Throws<InvalidOperationException>(writer.Finish);
            writer.Dispose();
            Assert.Equal(writes, sink.Writes);
            throw;
        }

        writer.Dispose();
    }
}
