using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class McapWriterTests
{
    [Fact]
    public void A_scan_finds_what_was_written()
    {
        byte[] file = SmallFile.Write();
        McapScan scan = McapScan.Run(new MemorySource(file));
        Assert.True(scan.IsSealed);
        Assert.Equal(file.Length, scan.EndOfWholeRecords);
        Assert.False(scan.TailError.IsError);
        Assert.Equal(new McapHeader("p", "avsdk"), scan.Header);
        Assert.Equal([SmallFile.Schema], scan.Schemas);
        Assert.Equal([SmallFile.First, SmallFile.Second], scan.Channels);
        Assert.Equal([SmallFile.Metadata], scan.Metadata);
        Assert.Equal("a.txt", Assert.Single(scan.Attachments).Name);
        Assert.Equal(3, scan.Chunks.Count);
        Assert.Equal(0x80, Assert.Single(scan.PrivateRecords).Opcode);
        Assert.Equal(SmallFile.Messages, scan.Chunks.Sum(c => c.Channels.Sum(x => x.Messages)));
    }

    [Fact]
    public void A_file_cut_anywhere_is_continued_after_its_last_whole_record()
    {
        byte[] file = SmallFile.Write();
        McapScan whole = McapScan.Run(new MemorySource(file));
        int headerEnd = 8 + 9 + 4 + 1 + 4 + 5;
        for (int length = 0; length < file.Length; length++)
        {
            bool scanned = McapScan.TryRun(
                new MemorySource(file.AsMemory(0, length)), McapLimits.Default, out McapScan? scan,
                out McapError error);
            Assert.Equal(length >= headerEnd, scanned);
            if (!scanned)
            {
                Assert.Equal(McapErrorKind.Truncated, error.Kind);
                continue;
            }

            Assert.False(scan!.IsSealed);
            Assert.InRange(scan.EndOfWholeRecords, 0, length);
            Assert.Equal(scan.EndOfWholeRecords < length, scan.TailError.IsError);

            using MemoryStream stream = new();
            stream.Write(file, 0, (int)scan.AppendOffset);
            using (McapWriter writer = McapWriter.Continue(new StreamSink(stream, scan.AppendOffset), scan))
            {
                writer.AddSchema(SmallFile.Schema);
                writer.AddChannel(SmallFile.First);
                writer.WriteMessage(SmallFile.First.Id, 99, 99, 99, "more"u8);
            }

            McapScan again = McapScan.Run(new MemorySource(stream.ToArray()));
            Assert.True(again.IsSealed);
            Assert.Equal(scan.Chunks.Count + 1, again.Chunks.Count);
            Assert.Equal(whole.Chunks.Take(scan.Chunks.Count - 1).Select(c => c.Offset),
                again.Chunks.Take(scan.Chunks.Count - 1).Select(c => c.Offset));
        }
    }

    [Fact]
    public void A_scan_cut_at_a_record_forgets_what_ends_after_it()
    {
        McapScan scan = McapScan.Run(new MemorySource(SmallFile.Write()));
        McapScan cut = scan.CutAt(scan.Chunks[1].Offset);
        Assert.Single(cut.Chunks);
        Assert.False(cut.IsSealed);
        Assert.Null(cut.DataEndOffset);
        Assert.Equal(scan.Chunks[1].Offset, cut.AppendOffset);
        Assert.Equal(2, cut.Channels.Count);
    }

    [Fact]
    public void A_body_written_verbatim_stands_where_the_writer_says()
    {
        byte[] body = ChunkBodyTests.Body(ChunkCompression.Lz4);
        using MemoryStream stream = new();
        long offset;
        using (McapWriter writer = new(stream, leaveOpen: true))
        {
            for (ushort id = 1; id <= 3; id++)
                writer.AddChannel(new McapChannel(id, 0, $"/{id}", ""));
            offset = writer.WriteChunkBody(body);
        }

        Assert.Equal(body, stream.ToArray().AsSpan((int)offset, body.Length));
        McapScannedChunk chunk = Assert.Single(McapScan.Run(new MemorySource(stream.ToArray())).Chunks);
        Assert.Equal((offset, (long)body.Length), (chunk.Offset, chunk.BodyBytes));
    }

    [Fact]
    public void A_body_with_a_channel_that_was_not_added_is_refused_and_writes_nothing()
    {
        using MemoryStream stream = new();
        using McapWriter writer = new(stream, leaveOpen: true);
        long before = writer.Position;
        McapException thrown = Assert.Throws<McapException>(
            () => writer.WriteChunkBody(ChunkBodyTests.Body(ChunkCompression.Lz4)));
        Assert.Equal(McapErrorKind.UnknownChannel, thrown.Error.Kind);
        Assert.Equal(before, writer.Position);
        writer.AddChannel("/still/usable", "json");
    }

    [Fact]
    public void A_writer_whose_sink_failed_refuses_further_use()
    {
        for (int writes = 1; writes < 20; writes++)
        {
            FailingSink sink = new(writes);
            McapWriter? writer = null;
            Exception? thrown = Record.Exception(() =>
            {
                writer = new McapWriter(sink, new McapWriterOptions { ChunkBytes = 30 });
                writer.AddChannel(new McapChannel(1, 0, "/a", ""));
                for (uint i = 0; i < 30; i++)
                    writer.WriteMessage(1, i, i, i, "payload"u8);
            });
            Assert.IsType<IOException>(thrown);
            if (writer is null)
                continue;
            int before = sink.Writes;
            Exception again =
                Assert.Throws<InvalidOperationException>(() => writer.WriteMessage(1, 0, 0, 0, []));
            Assert.Same(thrown, again.InnerException);
            Assert.Throws<InvalidOperationException>(writer.Finish);
            writer.Dispose();
            Assert.Equal(before, sink.Writes);
        }
    }

    [Fact]
    public void What_the_caller_gets_wrong_is_told_and_leaves_the_writer_usable()
    {
        using McapWriter writer = new(new MemoryStream());
        Assert.Throws<ArgumentException>(() => writer.AddSchema(new McapSchema(0, "x", "", default)));
        Assert.Throws<ArgumentException>(() => writer.AddChannel(new McapChannel(1, 7, "/a", "")));
        Assert.Throws<ArgumentException>(() => writer.WriteMessage(1, 0, 0, 0, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.WritePrivateRecord(0x7F, []));
        writer.AddChannel(new McapChannel(1, 0, "/a", ""));
        writer.AddChannel(new McapChannel(1, 0, "/a", ""));
        Assert.Throws<ArgumentException>(() => writer.AddChannel(new McapChannel(1, 0, "/b", "")));
        Assert.Equal(2, writer.AddChannel("/c", ""));
        writer.Finish();
        Assert.Throws<InvalidOperationException>(() => writer.WriteMessage(1, 0, 0, 0, []));
    }

    private sealed class FailingSink(int writesBeforeFailure) : IMcapSink
    {
        public int Writes { get; private set; }

        public long Position { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (++Writes > writesBeforeFailure)
                throw new IOException("the disk is full");
            Position += bytes.Length;
        }

        public void Flush()
        {
        }
    }
}
