using System.Buffers.Binary;
using AvSdk.Mcap;
using FsCheck;
using FsCheck.Fluent;

namespace AvSdk.Tests.Mcap;

public sealed class McapIndexedReaderTests
{
    private static readonly string[] Topics = ["/a", "/b", "/c"];

    [Fact]
    public void Any_messages_come_back_by_stream_and_by_index_in_any_order_asked_for()
    {
        Gen<Sample> sample =
            from time in Gen.Choose(0, 200)
            from topic in Gen.Choose(0, 2)
            from bytes in Gen.Choose(0, 60)
            select new Sample((ulong)time, topic, bytes);
        var cases =
            from samples in sample.ListOf()
            from chunkBytes in Gen.Elements(0, 1, 150, 400, 100_000)
            from compression in Gen.Elements(ChunkCompression.None, ChunkCompression.Lz4)
            from range in Gen.Choose(0, 200).Two()
            from wanted in Gen.SubListOf(Topics)
            select (samples, chunkBytes, compression, range, wanted);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] file = Write(c.samples, c.chunkBytes, c.compression);
            List<Got> expected =
                [.. c.samples.Select((s, i) => new Got(s.LogTime, (uint)i, Topics[s.Topic], s.Bytes))];
            ulong from = (ulong)Math.Min(c.range.Item1, c.range.Item2);
            ulong to = (ulong)Math.Max(c.range.Item1, c.range.Item2);
            McapQuery query = new() { From = from, To = to, Topics = [.. c.wanted] };
            IEnumerable<Got> selected = expected.Where(
                g => g.LogTime >= from && g.LogTime < to && c.wanted.Contains(g.Topic));

            Assert.Equal(expected, Streamed(file));
            Assert.Equal(expected.OrderBy(g => g.LogTime), Indexed(file, McapQuery.All));
            Assert.Equal(expected, Indexed(file, McapQuery.All with { Order = McapOrder.File }));
            Assert.Equal(selected.OrderBy(g => g.LogTime), Indexed(file, query));
            Assert.Equal(selected, Indexed(file, query with { Order = McapOrder.File }));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_time_range_the_wrong_way_round_is_refused()
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(SmallFile.Write()));
        ArgumentException thrown = Assert.Throws<ArgumentException>(
            () => reader.Read(new McapQuery { From = 10, To = 5 }));
        Assert.Contains("swap", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_definitions_and_what_goes_with_the_messages_come_from_the_summary()
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(SmallFile.Write()));
        Assert.True(reader.IsFromSummary);
        McapStatistics statistics = reader.Statistics!;
        Assert.Equal((12ul, 1, 2u, 1u, 1u, 3u), (statistics.MessageCount, (int)statistics.SchemaCount,
            statistics.ChannelCount, statistics.AttachmentCount, statistics.MetadataCount,
            statistics.ChunkCount));
        Assert.Equal((SmallFile.LogTime(0), SmallFile.LogTime(11)),
            (statistics.MessageStartTime, statistics.MessageEndTime));
        Assert.Equal(8ul, statistics.ChannelMessageCounts[1]);
        Assert.Equal(SmallFile.Schema, reader.Schemas[1]);
        Assert.Equal(SmallFile.First, reader.Channels[1]);
        Assert.Equal(SmallFile.Attachment, reader.ReadAttachment(Assert.Single(reader.Attachments)));
        Assert.Equal(SmallFile.Metadata, reader.ReadMetadata(Assert.Single(reader.MetadataIndexes)));
        foreach (McapChunkIndex chunk in reader.Chunks)
        {
            using var body = reader.ReadChunkBody(chunk);
            Assert.True(ChunkBody.TryParse(body.Memory.Span, out ChunkBodyInfo info));
            Assert.Equal(chunk.MessageIndexOffsets.Count, info.Channels.Count);
        }
    }

    [Fact]
    public void A_flipped_bit_in_chunks_or_summary_never_gives_a_wrong_message()
    {
        byte[] file = SmallFile.Write();
        List<Got> expected = Indexed(file, McapQuery.All);
        for (int bit = 0; bit < file.Length * 8; bit += 3)
        {
            byte[] damaged = [.. file];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            List<Got> got;
            try
            {
                got = Indexed(damaged, McapQuery.All);
            }
            catch (McapException)
            {
                continue;
            }

            Assert.Equal(expected, got);
        }
    }

    [Fact]
    public void An_index_that_points_elsewhere_is_told_so_and_allocates_little()
    {
        byte[] file = SmallFile.Write();
        McapReadOptions unchecked_ = new() { CheckCrcs = false };
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        McapChunkIndex good = reader.Chunks[0];
        foreach (McapChunkIndex bad in new[]
        {
            good with { ChunkLength = 1UL << 60 },
            good with { ChunkStartOffset = ulong.MaxValue },
            good with { ChunkStartOffset = (ulong)file.Length },
        })
        {
            Assert.Equal(McapErrorKind.IndexMismatch,
                Assert.Throws<McapException>(() => reader.ReadChunkBody(bad)).Error.Kind);
        }

        // The first chunk index in the summary, its chunk_start_offset.
        int at = file.AsSpan().LastIndexOf(Bytes(good.ChunkStartOffset, good.ChunkLength));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), good.ChunkStartOffset + 1);
        using McapIndexedReader damaged = McapIndexedReader.Open(new MemorySource(file), unchecked_);
        using McapMessageCursor cursor = damaged.Read(McapQuery.All);
        Assert.Equal(McapErrorKind.IndexMismatch,
            Assert.Throws<McapException>(() => cursor.MoveNext()).Error.Kind);
    }

    private static byte[] Bytes(ulong first, ulong second) =>
        [.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)];

    private static byte[] Write(IEnumerable<Sample> samples, int chunkBytes, ChunkCompression compression)
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new() { ChunkBytes = chunkBytes, Compression = compression };
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            for (int i = 0; i < Topics.Length; i++)
                writer.AddChannel(new McapChannel((ushort)(i + 1), 0, Topics[i], "raw"));
            uint sequence = 0;
            foreach (Sample sample in samples)
            {
                writer.WriteMessage((ushort)(sample.Topic + 1), sequence++, sample.LogTime, sample.LogTime,
                    new byte[sample.Bytes]);
            }
        }

        return stream.ToArray();
    }

    private static List<Got> Streamed(byte[] file)
    {
        List<Got> got = [];
        using McapStreamReader reader = new(new MemoryStream(file));
        while (reader.ReadMessage())
        {
            McapMessageView m = reader.Message;
            got.Add(new Got(m.LogTime, m.Sequence, reader.MessageChannel.Topic, m.Data.Length));
        }

        return got;
    }

    private static List<Got> Indexed(byte[] file, McapQuery query)
    {
        List<Got> got = [];
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        using McapMessageCursor cursor = reader.Read(query);
        while (cursor.MoveNext())
        {
            McapMessageView m = cursor.Current;
            got.Add(new Got(m.LogTime, m.Sequence, cursor.Channel.Topic, m.Data.Length));
        }

        return got;
    }

    private sealed record Sample(ulong LogTime, int Topic, int Bytes);

    private sealed record Got(ulong LogTime, uint Sequence, string Topic, int Bytes);
}
