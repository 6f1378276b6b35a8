using AvSdk.Mcap;
using Got = AvSdk.Tests.Mcap.Reading.RandomDrive.Got;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class ReadAheadTests
{
    private static readonly int[] s_chunkBytes = [0, 1, 150, 400, 3000];
    private static readonly int[] s_times = [1, 5, 60, 1_000_000];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Reading_ahead_gives_the_same_messages_in_any_order_within_any_bound(int seed)
    {
        Random random = new(seed);
        RandomDrive drive = RandomDrive.Write(
            random, random.Next(300), random.GetItems(s_chunkBytes, 1)[0], random.GetItems(s_times, 1)[0]);
        foreach (McapOrder order in Enum.GetValues<McapOrder>())
        {
            List<Got> expected = ReadOrderTests.InOrder(drive.Messages, order);
            foreach (long bound in new[] { 0, 1000, 20_000, 256L << 20 })
            {
                CountingPool pool = new();
                McapReadOptions options = new() { BufferBytesMax = bound, Pool = pool, ReadAhead = random.Next(1, 4) };
                IMcapSource[] sources =
                [
                    new CopyingSource(drive.Bytes), new MemorySource(drive.Bytes), new RemoteSource(drive.Bytes),
                    new RemoteSource(drive.Bytes) { MergedBytesMax = 5000 },
                    new StreamSource(new MemoryStream(drive.Bytes)),
                ];
                foreach (IMcapSource source in sources)
                {
                    using McapIndexedReader reader = McapIndexedReader.Open(source, options);
                    McapMessageCursor cursor = reader.Read(new McapQuery { Order = order });
                    Assert.Equal(expected, random.Next(2) == 0
                        ? RandomDrive.Read(cursor)
                        : await RandomDrive.ReadAsync(cursor, Token));
                    Assert.Equal((0, 0), (cursor.Memory.Held, pool.Rented));

                    // Left somewhere on the way: what was read ahead is given back, too.
                    await using (McapMessageCursor left = reader.Read(new McapQuery { Order = order }))
                    {
                        for (int i = random.Next(50); i > 0 && left.MoveNext(); i--)
                            Assert.True(left.Current.Sequence < 300);
                    }

                    using (McapMessageCursor left = reader.Read(new McapQuery { Order = order }))
                    {
                        for (int i = random.Next(50); i > 0 && await left.MoveNextAsync(Token); i--)
                            Assert.True(left.Current.Sequence < 300);
                    }

                    Assert.Equal(0, pool.Rented);
                }
            }
        }
    }

    [Theory]
    [InlineData(McapOrder.LogTime)]
    [InlineData(McapOrder.File)]
    [InlineData(McapOrder.ReverseLogTime)]
    public void An_error_ahead_comes_after_the_messages_before_it(McapOrder order)
    {
        byte[] file = InOrderFile(out McapChunkIndex[] chunks);
        McapChunkIndex bad = chunks[chunks.Length / 2];
        file[bad.ChunkStartOffset + 60] ^= 1;
        int messages = 0;
        CountingPool pool = new();
        McapReadOptions options = new() { ReadAhead = 3, Pool = pool };
        foreach (IMcapSource source in new IMcapSource[] { new CopyingSource(file), new RemoteSource(file) })
        {
            using McapIndexedReader reader = McapIndexedReader.Open(source, options);
            using (McapMessageCursor cursor = reader.Read(new McapQuery { Order = order }))
            {
                messages = 0;
                McapException thrown = Assert.Throws<McapException>(() =>
                {
                    while (cursor.MoveNext())
                    {
                        messages++;
                        ulong time = cursor.Current.LogTime;
                        Assert.True(order == McapOrder.ReverseLogTime
                            ? time > bad.MessageEndTime : time < bad.MessageStartTime);
                    }
                });
                Assert.InRange(thrown.Error.Offset - (long)bad.ChunkStartOffset, 0, (long)bad.ChunkLength);
                Assert.Throws<McapException>(() => cursor.MoveNext());
            }

            Assert.Equal(0, pool.Rented);
            Assert.InRange(messages, 10, 500);
        }
    }

    [Fact]
    public async Task Neighbouring_chunks_are_read_by_one_request_and_a_failed_one_is_told_at_its_chunk()
    {
        byte[] file = InOrderFile(out McapChunkIndex[] chunks);
        RemoteSource source = new(file);
        using McapIndexedReader reader = McapIndexedReader.Open(source);
        source.Asked.Clear();
        Assert.Equal(1000, (await RandomDrive.ReadAsync(reader.Read(McapQuery.All), Token)).Count);
        Assert.Equal(((long)chunks[0].ChunkStartOffset, 1), (source.Asked[0].Offset, source.Asked.Count));

        source.Asked.Clear();
        McapQuery some = new() { From = chunks[10].MessageStartTime, To = chunks[12].MessageEndTime + 1 };
        await RandomDrive.ReadAsync(reader.Read(some), Token);
        Assert.Equal(
            ((long)chunks[10].ChunkStartOffset,
                (int)(chunks[12].ChunkStartOffset + chunks[12].ChunkLength - chunks[10].ChunkStartOffset)),
            Assert.Single(source.Asked));

        source.Broken = (long)chunks[11].ChunkStartOffset + 3;
        List<ulong> times = [];
        await using McapMessageCursor cursor = reader.Read(some);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await cursor.MoveNextAsync(Token))
                times.Add(cursor.Current.LogTime);
        });
        Assert.Equal(chunks[10].MessageEndTime, times[^1]);
        source.Broken = null;
        while (await cursor.MoveNextAsync(Token))
            times.Add(cursor.Current.LogTime);
        Assert.Equal((int)(some.To!.Value - some.From), times.Count);
    }

    [Fact]
    public void Memory_read_ahead_is_within_the_bound()
    {
        byte[] file = InOrderFile(out McapChunkIndex[] chunks);
        long chunkBytes = chunks.Max(c => (long)(c.ChunkLength + c.UncompressedSize));
        CountingPool pool = new();
        McapReadOptions options = new() { ReadAhead = 100, BufferBytesMax = chunkBytes * 10, Pool = pool };
        foreach (IMcapSource source in new IMcapSource[] { new CopyingSource(file), new RemoteSource(file) })
        {
            using McapIndexedReader reader = McapIndexedReader.Open(source, options);
            McapMessageCursor cursor = reader.Read(McapQuery.All);
            Assert.Equal(1000, RandomDrive.Read(cursor).Count);
            Assert.InRange(pool.RentedMax, chunkBytes, options.BufferBytesMax);
            Assert.InRange(cursor.Memory.HeldMax, chunkBytes, options.BufferBytesMax + (2 * chunkBytes));
            Assert.Equal(0, cursor.Memory.LetGo);
        }
    }

    private static byte[] InOrderFile(out McapChunkIndex[] chunks)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(
            stream, new McapWriterOptions { ChunkBytes = 1000, Compression = ChunkCompression.Lz4 }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "raw");
            for (uint i = 0; i < 1000; i++)
                writer.WriteMessage(channel, i, 1 + i, 1 + i, [.. Enumerable.Repeat((byte)i, 60)]);
        }

        byte[] file = stream.ToArray();
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        chunks = [.. reader.Chunks];
        Assert.InRange(chunks.Length, 30, 200);
        return file;
    }
}
