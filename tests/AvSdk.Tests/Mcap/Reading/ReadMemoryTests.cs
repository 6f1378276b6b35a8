using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class ReadMemoryTests
{
    [Theory]
    [InlineData(McapOrder.LogTime, 0)]
    [InlineData(McapOrder.ReverseLogTime, 0)]
    [InlineData(McapOrder.LogTime, 3)]
    public void A_file_of_gigabytes_is_read_in_order_with_the_memory_of_the_chunks_at_hand(McapOrder order, int ahead)
    {
        // AVSDK_BIG_FILE_GIB=10 for what the library promises; the memory is the same.
        int gibibytes = int.TryParse(Environment.GetEnvironmentVariable("AVSDK_BIG_FILE_GIB"), out int asked) ? asked : 0;
        int chunks = gibibytes > 0 ? gibibytes * 256 : 60;
        SyntheticDrive source = new(chunks);
        CountingPool pool = new();
        using McapIndexedReader reader = McapIndexedReader.Open(
            source, new McapReadOptions { Pool = pool, ReadAhead = ahead });
        Assert.Equal(chunks, reader.Chunks.Count);
        McapMessageCursor cursor = reader.Read(new McapQuery { Order = order });
        long messages = 0;
        using (cursor)
        {
            while (cursor.MoveNext())
            {
                ulong expected = (ulong)(order == McapOrder.LogTime
                    ? messages
                    : ((long)chunks * SyntheticDrive.MessagesInChunk) - 1 - messages);
                Assert.Equal(expected, cursor.Current.LogTime);
                Assert.Equal(SyntheticDrive.PayloadBytes, cursor.Current.Data.Length);
                messages++;
            }
        }

        Assert.Equal((long)chunks * SyntheticDrive.MessagesInChunk, messages);
        long chunkBytes = SyntheticDrive.ChunkBytes + (long)reader.Chunks[0].ChunkLength;
        Assert.InRange(pool.RentedMax, SyntheticDrive.ChunkBytes, (2 + ahead) * chunkBytes);
        Assert.InRange(pool.RentedMax, 0, 64 << 20);
        Assert.InRange(cursor.Memory.HeldMax, SyntheticDrive.ChunkBytes, 64 << 20);
        Assert.Equal(0, pool.Rented);
    }

    [Theory]
    [InlineData(McapOrder.LogTime)]
    [InlineData(McapOrder.File)]
    [InlineData(McapOrder.ReverseLogTime)]
    public void Reading_a_message_allocates_nothing(McapOrder order)
    {
        // Two chunks that overlap message by message, so that the cursor goes to and fro between them.
        using MemoryStream stream = new();
        const int InChunk = 2000;
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 1 << 20 }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "raw");
            for (uint i = 0; i < 2 * InChunk; i++)
            {
                if (i == InChunk)
                    writer.Flush();
                writer.WriteMessage(channel, i, (i % InChunk * 2) + (i / InChunk), i, new byte[100]);
            }
        }

        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(stream.ToArray()));
        Assert.Equal(2, reader.Chunks.Count);
        Assert.InRange(MeasuredBytes(), 0, 0);

        long MeasuredBytes()
        {
            // Once for what is made on first use.
            long bytes = 0;
            for (int round = 0; round < 2; round++)
            {
                using McapMessageCursor cursor = reader.Read(new McapQuery { Order = order });
                Assert.True(cursor.MoveNext());
                Assert.True(cursor.MoveNext());
                ulong sum = 0;
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < InChunk - 10; i++)
                {
                    if (!cursor.MoveNext())
                        return -1;
                    sum += cursor.Current.LogTime + (ulong)cursor.Current.Data.Length + cursor.Channel.Id;
                }

                bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.NotEqual(0ul, sum);
            }

            return bytes;
        }
    }
}
