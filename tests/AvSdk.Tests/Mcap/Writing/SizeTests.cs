using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class SizeTests
{
    [Fact]
    public void Writing_a_message_allocates_nothing()
    {
        using McapWriter writer = new(Stream.Null, new McapWriterOptions { ChunkBytes = 1 << 20 });
        ushort first = writer.AddChannel("/a", "");
        ushort second = writer.AddChannel("/b", "");
        byte[] payload = new byte[100];
        Write(30_000);
        writer.Flush();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Write(7_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        // Thirteen chunks: what each adds to the index, and nothing that goes with its messages.
        before = GC.GetAllocatedBytesForCurrentThread();
        Write(100_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 13 * 2048);

        void Write(int messages)
        {
            for (uint i = 0; i < messages; i++)
                writer.WriteMessage(i % 2 == 0 ? first : second, i, i, i, payload);
        }
    }

    [Theory]
    [InlineData(0, "lz4")]
    [InlineData(2, "lz4")]
    [InlineData(0, "")]
    public void A_message_larger_than_a_chunk_has_one_of_its_own(int workers, string compression)
    {
        const int LargeBytes = 100_000_000;
        byte[] large = new byte[LargeBytes];
        new Random(1).NextBytes(large.AsSpan(0, LargeBytes / 2));
        McapWriterOptions options = new() { Workers = workers, Compression = ChunkBuilderTests.Of(compression) };
        using MemoryStream stream = new(LargeBytes + (1 << 20));
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "");
            for (uint i = 0; i < 10; i++)
                writer.WriteMessage(channel, i, i, i, i == 5 ? large : new byte[100]);
        }

        using McapIndexedReader reader = McapIndexedReader.Open(
            new MemorySource(stream.GetBuffer().AsMemory(0, (int)stream.Length)));
        Assert.Equal([(0UL, 4UL), (5UL, 5UL), (6UL, 9UL)], reader.Chunks.Select(c => (c.MessageStartTime, c.MessageEndTime)));
        using McapMessageCursor messages = reader.Read(new McapQuery { From = 5, To = 6 });
        Assert.True(messages.MoveNext());
        Assert.True(messages.Current.Data.SequenceEqual(large));
    }

    [Fact]
    public void Memory_for_a_large_message_goes_back_when_it_is_written()
    {
        McapWriterOptions options = new() { ChunkBytes = 100_000 };
        ChunkSlot slot = new(options);
        slot.Builder.AddMessage(1, 0, 0, 0, 50_000_000).Clear();
        slot.MakeBody();
        Assert.True(slot.Builder.HeldBytes > 50_000_000);
        slot.Reset();
        Assert.True(slot.Builder.HeldBytes < 5_000_000);
        slot.Builder.AddMessage(1, 0, 0, 0, 10).Clear();
        slot.MakeBody();
        slot.Dispose();
    }
}
