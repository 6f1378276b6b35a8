using AvSdk.Mcap;
using Got = AvSdk.Tests.Mcap.Reading.RandomDrive.Got;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class ReadOrderTests
{
    private static readonly int[] s_chunkBytes = [0, 1, 150, 400, 3000];
    private static readonly int[] s_times = [1, 5, 60, 1_000_000];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Overlapping_chunks_are_read_in_any_order_within_any_bound_of_memory(int seed)
    {
        Random random = new(seed);
        RandomDrive drive = RandomDrive.Write(
            random, random.Next(300), random.GetItems(s_chunkBytes, 1)[0], random.GetItems(s_times, 1)[0]);
        ulong from = (ulong)random.Next(30);
        string[]? topics = random.Next(2) == 0 ? null : ["/b", "/never", "/c", "/not/there"];
        ulong? to = random.Next(2) == 0 ? null : from + (ulong)random.Next(40);
        foreach (McapOrder order in Enum.GetValues<McapOrder>())
        {
            List<Got> expected = InOrder(drive.Messages.Where(m => m.LogTime >= from && m.LogTime < (to ?? ulong.MaxValue)
                && topics?.Contains(m.Topic) != false), order);
            foreach (long bound in new[] { 0, 1000, 20_000, 256L << 20 })
            {
                CountingPool pool = new();
                McapReadOptions options = new() { BufferBytesMax = bound, Pool = pool };
                using McapIndexedReader reader = McapIndexedReader.Open(new CopyingSource(drive.Bytes), options);
                McapMessageCursor cursor =
                    reader.Read(new McapQuery { From = from, To = to, Topics = topics, Order = order });
                Assert.Equal(expected, RandomDrive.Read(cursor));
                Assert.Equal(0, cursor.Memory.Held);
                Assert.Equal(0, pool.Rented);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_latest_message_before_a_time_is_found_for_each_channel(int seed)
    {
        Random random = new(seed);
        RandomDrive drive = RandomDrive.Write(
            random, random.Next(300), random.GetItems(s_chunkBytes, 1)[0], random.GetItems(s_times, 1)[0]);
        string[]? topics = random.Next(2) == 0 ? null : ["/b", "/never", "/c"];
        foreach (ulong time in new[] { 0ul, 1ul, (ulong)random.Next(60), 30_000ul, 2_000_000ul, ulong.MaxValue })
        {
            List<Got> expected = InOrder(drive.Messages
                .Where(m => m.LogTime < time && topics?.Contains(m.Topic) != false)
                .GroupBy(m => m.Topic)
                .Select(g => InOrder(g, McapOrder.ReverseLogTime)[0])
                    .OrderBy(m => m.Sequence), McapOrder.LogTime);
            foreach (long bound in new[] { 0L, 256L << 20 })
            {
                CountingPool pool = new();
                McapReadOptions options = new() { BufferBytesMax = bound, Pool = pool };
                using McapIndexedReader reader = McapIndexedReader.Open(new CopyingSource(drive.Bytes), options);
                Assert.Equal(expected, RandomDrive.Read(reader.ReadLatestBefore(time, topics)));
                Assert.Equal(expected, await RandomDrive.ReadAsync(
                    reader.ReadLatestBefore(time, topics), TestContext.Current.CancellationToken));
                Assert.Equal(0, pool.Rented);
            }
        }
    }

    [Fact]
    public void The_latest_message_before_a_time_costs_one_chunk_where_the_chunk_before_it_has_all_channels()
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, new McapWriterOptions { ChunkBytes = 1000 }, leaveOpen: true))
        {
            ushort a = writer.AddChannel("/a", "raw");
            ushort b = writer.AddChannel("/b", "raw");
            for (uint i = 0; i < 1000; i++)
                writer.WriteMessage(i % 2 == 0 ? a : b, i, i, i, new byte[100]);
        }

        CopyingSource source = new(stream.ToArray());
        using McapIndexedReader reader = McapIndexedReader.Open(source);
        Assert.InRange(reader.Chunks.Count, 50, 1000);
        ulong time = reader.Chunks[30].MessageEndTime + 1;
        source.Reads = 0;
        List<Got> got = Sequences(reader.ReadLatestBefore(time, null));
        Assert.Equal([time - 2, time - 1], got.Select(g => g.LogTime));
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public void Chunks_that_all_overlap_are_read_within_the_bound()
    {
        // Each chunk begins with one message long ago, as latched topics do.
        const int Chunks = 200;
        using MemoryStream stream = new();
        List<ulong> times = [];
        using (McapWriter writer = new(stream,
            new McapWriterOptions { ChunkBytes = 4000, Compression = ChunkCompression.Lz4 }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "raw");
            Random random = new(1);
            byte[] payload = new byte[400];
            for (uint i = 0; i < Chunks * 10; i++)
            {
                random.NextBytes(payload.AsSpan(0, 200));
                ulong time = i % 10 == 0 ? i : 1_000_000 + i;
                times.Add(time);
                writer.WriteMessage(channel, i, time, time, payload);
            }
        }

        const long Bound = 40_000;
        CountingPool pool = new();
        CopyingSource source = new(stream.ToArray());
        using McapIndexedReader reader = McapIndexedReader.Open(
            source, new McapReadOptions { BufferBytesMax = Bound, Pool = pool });
        Assert.InRange(reader.Chunks.Count, Chunks / 2, Chunks * 2);
        McapMessageCursor cursor = reader.Read(McapQuery.All);
        Assert.Equal(times.Order(), Sequences(cursor).Select(g => g.LogTime));
        Assert.True(cursor.Memory.LetGo > 0, "nothing was let go: the bound was not felt");
        Assert.InRange(cursor.Memory.HeldMax, 1, Bound + 20_000);
        Assert.InRange(pool.RentedMax, 1, Bound);

        // Each chunk comes a second time, when its time has come; not once for each message.
        Assert.InRange(source.Reads, Chunks, (3 * Chunks) + 10);

        source.Reads = 0;
        times.Sort();
        times.Reverse();
        Assert.Equal(times, Sequences(reader.Read(new McapQuery { Order = McapOrder.ReverseLogTime }))
            .Select(g => g.LogTime));
        Assert.InRange(source.Reads, Chunks / 2, 3 * Chunks);
    }

    [Fact]
    public async Task A_move_that_was_cancelled_is_tried_again_and_nothing_is_lost()
    {
        RandomDrive drive = RandomDrive.Write(new Random(3), 200, 300, 1000);
        using McapIndexedReader reader = McapIndexedReader.Open(new CopyingSource(drive.Bytes));
        using McapMessageCursor cursor = reader.Read(McapQuery.All);
        List<Got> got = [];
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        while (true)
        {
            try
            {
                if (!await cursor.MoveNextAsync(cancelled.Token))
                    break;
            }
            catch (OperationCanceledException)
            {
                if (!await cursor.MoveNextAsync(TestContext.Current.CancellationToken))
                    break;
            }

            got.Add(Got.Of(cursor));
        }

        Assert.Equal(InOrder(drive.Messages, McapOrder.LogTime), got);
    }

    internal static List<Got> InOrder(IEnumerable<Got> messages, McapOrder order)
    {
        List<Got> ordered = order == McapOrder.File ? [.. messages] : [.. messages.OrderBy(m => m.LogTime)];
        if (order == McapOrder.ReverseLogTime)
        {
            // Stable forward, then mirrored.
            ordered.Reverse();
        }

        return ordered;
    }

    private static List<Got> Sequences(McapMessageCursor cursor)
    {
        List<Got> got = [];
        using (cursor)
        {
            while (cursor.MoveNext())
                got.Add(new Got(cursor.Current.LogTime, cursor.Current.Sequence, cursor.Channel.Topic, 0));
        }

        return got;
    }
}
