using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class WorkerTests
{
    [Theory]
    [InlineData(1, "lz4")]
    [InlineData(2, "lz4")]
    [InlineData(5, "lz4")]
    [InlineData(2, "")]
    [InlineData(3, "zstd")]
    public void A_file_by_workers_is_the_file_by_one_thread_byte_for_byte(int workers, string compression)
    {
        McapWriterOptions options = new() { ChunkBytes = 3000, Compression = ChunkBuilderTests.Of(compression) };
        Assert.Equal(Write(options), Write(options with { Workers = workers }));
    }

    [Fact]
    public void Definitions_attachments_and_bodies_keep_their_place_among_the_chunks()
    {
        McapWriterOptions options = new() { ChunkBytes = 500, DefinitionsInChunks = true };
        Assert.Equal(Write(options), Write(options with { Workers = 3 }));
    }

    [Fact]
    public void A_file_left_unsealed_has_every_chunk_that_was_closed()
    {
        McapWriterOptions options = new() { ChunkBytes = 3000, FinishOnDispose = false };
        byte[] file = Write(options);
        Assert.False(McapScan.Run(new MemorySource(file)).IsSealed);
        Assert.Equal(file, Write(options with { Workers = 3 }));
    }

    [Fact]
    public void A_flush_writes_every_chunk_under_way()
    {
        using MemoryStream stream = new();
        using McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 1000, Workers = 2 }, leaveOpen: true);
        ushort channel = writer.AddChannel("/a", "");
        for (uint i = 0; i < 500; i++)
            writer.WriteMessage(channel, i, i, i, new byte[20]);
        writer.Flush();
        McapScan scan = McapScan.Run(new MemorySource(stream.ToArray()));
        Assert.Equal(500, scan.Chunks.Sum(c => c.Channels.Sum(x => x.Messages)));
        Assert.Equal(stream.Length, writer.Position);
    }

    [Fact]
    public async Task A_writer_disposed_of_asynchronously_ends_its_file()
    {
        using MemoryStream stream = new();
        await using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 1000, Workers = 2 }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "");
            for (uint i = 0; i < 500; i++)
                writer.WriteMessage(channel, i, i, i, new byte[20]);
        }

        Assert.True(McapScan.Run(new MemorySource(stream.ToArray())).IsSealed);
    }

    [Fact]
    public void A_sink_that_fails_surfaces_and_ends_the_writer()
    {
        McapWriterOptions options = new() { ChunkBytes = 100, Workers = 2 };
        for (int writes = 2; writes < 30; writes++)
        {
            FaultySink sink = new(writes);
            McapWriter writer = new(sink, options);
            Exception? thrown = Record.Exception(() =>
            {
                ushort channel = writer.AddChannel("/a", "");
                for (uint i = 0; i < 100; i++)
                    writer.WriteMessage(channel, i, i, i, new byte[200]);
            });
            Assert.IsType<IOException>(thrown);
            Assert.Throws<InvalidOperationException>(() => writer.WriteMessage(1, 0, 0, 0, []));
            Assert.Same(thrown, Assert.Throws<InvalidOperationException>(writer.Flush).InnerException);
            writer.Dispose();
            Assert.Equal(writes + 1, sink.Writes);
        }
    }

    [Fact]
    public void What_fails_at_a_worker_surfaces_and_writes_nothing_after_it()
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new() { Workers = 2 };
        WriterOutput output = new(new StreamSink(stream), 0);
        using ChunkPipeline chunks = new(options, output, new SummaryTally());
        chunks.Open.AddMessage(1, 0, 0, 0, 10);
        chunks.Open.Dispose();
        Assert.ThrowsAny<Exception>(chunks.Drain);
        Assert.True(output.HasFailed);
        Assert.Throws<InvalidOperationException>(output.ThrowIfNotOpen);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public async Task Writers_on_every_thread_of_the_pool_do_not_wait_for_each_other()
    {
        McapWriterOptions options = new() { ChunkBytes = 1000, Workers = 2 };
        byte[] expected = Write(options with { Workers = 0 });
        CancellationToken token = TestContext.Current.CancellationToken;
        Task<byte[]>[] writers = [.. Enumerable.Range(0, 32).Select(_ => Task.Run(() => Write(options), token))];
        foreach (byte[] file in await Task.WhenAll(writers))
            Assert.Equal(expected, file);
    }

    internal static byte[] Write(McapWriterOptions options)
    {
        Random random = new(7);
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            writer.AddSchema(SmallFile.Schema);
            writer.AddChannel(SmallFile.First);
            writer.AddChannel(SmallFile.Second);
            for (int i = 0; i < 2000; i++)
            {
                byte[] payload = new byte[random.Next(400)];
                if (i % 5 == 0)
                    random.NextBytes(payload);
                writer.WriteMessage(i % 3 == 2 ? SmallFile.Second.Id : SmallFile.First.Id, (uint)i, SmallFile.LogTime(i), 1, payload);
                if (i == 700)
                    writer.AddChannel("/late", "json", SmallFile.Schema.Id);
                if (i == 900)
                    writer.WriteAttachment(SmallFile.Attachment);
                if (i == 1000)
                    writer.WriteChunkBody(ChunkBodyTests.Body(ChunkCompression.Lz4));
                if (i == 1200)
                    writer.WriteMetadata(SmallFile.Metadata);
                if (i == 1300)
                    writer.WritePrivateRecord(0x81, payload);
            }
        }

        return stream.ToArray();
    }
}
