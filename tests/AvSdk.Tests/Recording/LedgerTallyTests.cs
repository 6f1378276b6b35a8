using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;

namespace AvSdk.Tests.Recording;

public sealed class LedgerTallyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_put_together_the_sums_are_those_of_what_happened(int seed)
    {
        Random random = new(seed);
        Dictionary<(uint, string), ulong> drops = [];
        Dictionary<(string Lane, ChunkEnd End, ulong Sequence), ulong> chunks = [];
        Dictionary<(ChunkEnd, uint), ulong> counts = [];
        Dictionary<string, ulong> next = [];
        List<LedgerEntry> entries = [];
        LedgerTally tally = new();
        int steps = random.Next(1, 2000);
        for (int step = 0; step < steps; step++)
        {
            switch (random.Next(20))
            {
                case < 8:
                    uint channel = (uint)random.Next(1, 5);
                    string reason = random.Next(2) == 0 ? "memory_full" : "spool_full";
                    ulong messages = (ulong)random.Next(1, 9);
                    ulong at = (ulong)random.Next(0, 1000);
                    tally.AddDrop(channel, reason, new DropTally(messages, at, at));
                    drops[(channel, reason)] = drops.GetValueOrDefault((channel, reason)) + messages;
                    break;
                case < 18:
                    string lane = random.Next(2) == 0 ? "events" : "sensors";
                    ulong sequence = next[lane] = next.GetValueOrDefault(lane) + 1;
                    ChunkEnd end = (ChunkEnd)random.Next(1, 4);
                    ChunkHeader? header = random.Next(10) == 0 ? null : Header(random);
                    tally.AddEnd(lane, end, end.ToString(), new StretchTally(sequence, header, random.Next(5) == 0), 10);
                    chunks[(lane, end, sequence)] = 1;
                    foreach (ChunkChannel count in header?.Channels.ToArray() ?? [])
                        counts[(end, count.ChannelId)] = counts.GetValueOrDefault((end, count.ChannelId)) + count.Messages;
                    break;
                case 18:
                    // The disk refused, and other things happened meanwhile.
                    LedgerTally earlier = tally;
                    tally = new LedgerTally();
                    tally.AddDrop(9, "source", new DropTally(1, 0, 0));
                    drops[(9, "source")] = drops.GetValueOrDefault((9U, "source")) + 1;
                    earlier.Absorb(tally);
                    tally = earlier;
                    break;
                default:
                    entries.AddRange(tally.ToEntries());
                    tally = new LedgerTally();
                    break;
            }
        }

        entries.AddRange(tally.ToEntries());
        Assert.All(entries, entry => Assert.InRange(entry.CalculateSize(), 1, 64 << 10));
        Assert.Equal(drops, Sums(entries.SelectMany(entry => entry.Drops), drop => (drop.ChannelId, drop.Reason), drop => drop.Messages));
        LedgerChunks[] stretches = [.. entries.SelectMany(entry => entry.Chunks)];
        Assert.Equal(
            chunks,
            stretches.SelectMany(stretch => Sequences(stretch).Select(sequence => (stretch, sequence)))
                .ToDictionary(each => (each.stretch.Lane, Enum.Parse<ChunkEnd>(each.stretch.Reason), each.sequence), _ => 1UL));
        Assert.Equal(
            counts,
            Sums(
                stretches.SelectMany(stretch => stretch.Counts.Select(count => (stretch.Reason, count))),
                each => (Enum.Parse<ChunkEnd>(each.Reason), each.count.ChannelId), each => each.count.Messages));
        foreach (LedgerChunks stretch in stretches)
        {
            foreach (LedgerCount count in stretch.Counts)
                Assert.True(count.BeginsAfterNs + count.EndsBeforeNs <= stretch.SpanNs);
        }
    }

    [Fact]
    public void Missing_ranges_stay_few_and_exact()
    {
        Random random = new(3);
        MissingRanges ranges = new();
        ulong messages = 0;
        List<ulong> times = [];
        for (int step = 0; step < 5000; step++)
        {
            ulong at = (ulong)random.NextInt64(0, 5_000_000_000_000);
            times.Add(at);
            ranges.Add(new MissingRange(MessageEnd.Dropped, random.Next(3) == 0 ? "a" : "b", 1, at, at));
            messages++;
        }

        IReadOnlyList<MissingRange> inOrder = ranges.InOrder();
        Assert.InRange(inOrder.Count, 2, MissingRanges.RangesMax);
        Assert.Equal(messages, inOrder.Aggregate(0UL, (sum, range) => sum + range.Messages));
        Assert.All(times, at => Assert.Contains(inOrder, range => range.FirstLogTime <= at && at <= range.LastLogTime));
        Assert.Equal(inOrder.OrderBy(range => range.FirstLogTime), inOrder);
    }

    private static ChunkHeader Header(Random random)
    {
        ulong first = (ulong)random.Next(1, 100_000);
        ChunkHeader header = new() { FirstLogTime = first, LastLogTime = first + (ulong)random.Next(0, 1000) };
        for (uint channel = 1; channel <= 4; channel++)
        {
            if (random.Next(2) == 0)
                header.Channels.Add(new ChunkChannel { ChannelId = channel, Messages = (ulong)random.Next(1, 50) });
        }

        return header;
    }

    private static IEnumerable<ulong> Sequences(LedgerChunks stretch)
    {
        for (ulong sequence = stretch.FirstSequence; sequence <= stretch.LastSequence; sequence++)
            yield return sequence;
    }

    private static Dictionary<TKey, ulong> Sums<T, TKey>(
        IEnumerable<T> items, Func<T, TKey> key, Func<T, ulong> messages)
        where TKey : notnull =>
        items.GroupBy(key).ToDictionary(
            group => group.Key, group => group.Aggregate(0UL, (sum, item) => sum + messages(item)));
}
