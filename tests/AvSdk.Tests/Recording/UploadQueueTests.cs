using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;

namespace AvSdk.Tests.Recording;

/// <summary>What goes next, against a model that sorts, and over many parts.</summary>
public sealed class UploadQueueTests
{
    private const long PartBytes = 64 << 10;

    private readonly ManualTime _time = new();
    private readonly UploadQueue _queue;
    private readonly SpoolRoom _room = new(new RecorderOptions { VehicleId = "v" });
    private readonly SpoolRecording _recording;

    public UploadQueueTests()
    {
        _queue = new UploadQueue(_time);
        Guid id = Guid.CreateVersion7();
        _recording = new SpoolRecording(id, new RecordingInfo { RecordingId = RecordingIds.ToBytes(id) });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_order_is_that_of_sorting_whatever_was_added_marked_asked_for_and_taken(int seed)
    {
        Random random = new(seed);
        SpoolLane[] lanes = [.. Enumerable.Range(0, 5).Select(at => Lane(new LaneOptions
        {
            Name = $"lane{at}",
            Priority = at,
            UploadDeadline = at % 2 == 0 ? TimeSpan.FromSeconds(20 * (at + 1)) : null,
            UploadOrder = at % 3 == 0 ? UploadOrder.NewestFirst : UploadOrder.OldestFirst,
        }))];
        List<SpoolChunk> model = [];
        for (int step = 0; step < 600; step++)
        {
            SpoolChunk? any = model.Count == 0 ? null : model[random.Next(model.Count)];
            switch (random.Next(8))
            {
                case 0 when any is not null:
                    _queue.Request(any);
                    break;
                case 1 when any is not null:
                    _queue.Urge([any]);
                    break;
                case 2 when any is not null:
                    _queue.Remove(any);
                    model.Remove(any);
                    break;
                case 3 when any is not null:
                    any.End = ChunkEnd.Evicted;
                    model.Remove(any);
                    break;
                default:
                    model.Add(Add(lanes[random.Next(5)], (ulong)step + 1));
                    break;
            }

            _time.Advance(TimeSpan.FromMilliseconds(random.Next(500)));
        }

        long now = _time.GetTimestamp();
        bool IsOverdue(SpoolChunk chunk) => DueAt(chunk) <= now;
        SpoolChunk[] sorted = [.. model
            .OrderByDescending(static chunk => chunk.IsRequested)
            .ThenByDescending(static chunk => chunk.IsUrgent && !chunk.IsRequested)
            .ThenByDescending(chunk => !chunk.IsRequested && !chunk.IsUrgent && IsOverdue(chunk))
            .ThenBy(chunk => !chunk.IsRequested && !chunk.IsUrgent && IsOverdue(chunk) ? DueAt(chunk) : 0)
            .ThenByDescending(static chunk => chunk.Segment.Lane.Options.Priority)
            .ThenBy(static chunk => (long)chunk.Sequence * (IsBackwards(chunk) ? -1 : 1))];
        Assert.Contains(sorted, IsOverdue);
        Assert.Contains(sorted, chunk => IsBackwards(chunk) && !IsOverdue(chunk));
        Assert.Equal(sorted, Walk());
    }

    [Fact]
    public void Lanes_of_a_priority_share_by_weight_and_a_lane_of_more_value_goes_before_them()
    {
        SpoolLane one = Lane(new LaneOptions { Name = "one" });
        SpoolLane three = Lane(new LaneOptions { Name = "three", UploadWeight = 3 });
        SpoolLane six = Lane(new LaneOptions { Name = "six", UploadWeight = 6 });
        SpoolLane first = Lane(new LaneOptions { Name = "first", Priority = 1 });
        foreach (SpoolLane lane in new[] { one, three, six, first })
            Fill(lane, lane == first ? 4 : 400, 10 * PartBytes);
        Dictionary<string, long> sent = Send(1040, out List<string> order);

        Assert.All(order.Take(40), static lane => Assert.Equal("first", lane));
        Assert.Equal(100, sent["one"], 100 * 0.05);
        Assert.Equal(300, sent["three"], 300 * 0.05);
        Assert.Equal(600, sent["six"], 600 * 0.05);
        // Not in turns of a thousand parts: at any time each has about its share.
        Assert.Equal(10, order.Skip(40).Take(100).Count(static lane => lane == "one"), 1.5);
    }

    [Fact]
    public void A_lane_that_had_nothing_to_send_gets_its_share_from_then_on_and_no_more()
    {
        SpoolLane always = Lane(new LaneOptions { Name = "always" });
        SpoolLane late = Lane(new LaneOptions { Name = "late" });
        Fill(always, 400, PartBytes);
        Send(200, out _);
        Fill(late, 400, PartBytes);

        Assert.Equal(50, Send(100, out _)["late"], 50 * 0.05);
    }

    [Fact]
    public void An_overdue_chunk_goes_before_lanes_of_more_value_and_costs_its_lane_no_turn()
    {
        SpoolLane bulk = Lane(new LaneOptions { Name = "bulk", UploadDeadline = TimeSpan.FromHours(1) });
        SpoolLane peer = Lane(new LaneOptions { Name = "peer" });
        SpoolLane value = Lane(new LaneOptions { Name = "value", Priority = 5 });
        Fill(bulk, 2, 10 * PartBytes);
        _time.Advance(TimeSpan.FromMinutes(59));
        Fill(bulk, 100, 10 * PartBytes, from: 3);
        Fill(peer, 100, 10 * PartBytes);
        Fill(value, 1, PartBytes);
        Assert.Equal("value", Walk()[0].Segment.Lane.Name);

        _time.Advance(TimeSpan.FromMinutes(1));
        Send(21, out List<string> order);
        Assert.Equal([.. Enumerable.Repeat("bulk", 20), "value"], order);
        Assert.Equal(50, Send(100, out _)["bulk"], 50 * 0.05);
    }

    [Fact]
    public void Newest_first_ends_what_it_began_before_it_begins_what_is_newer()
    {
        SpoolLane lane = Lane(new LaneOptions { Name = "now", UploadOrder = UploadOrder.NewestFirst });
        Fill(lane, 3, 2 * PartBytes);
        SpoolChunk begun = Walk()[0];
        Assert.Equal(3UL, begun.Sequence);
        _queue.Charge(begun, PartBytes);
        Add(lane, 4);
        Assert.Equal([3UL, 4UL, 2UL, 1UL], Walk().Select(static chunk => chunk.Sequence));

        _queue.Remove(begun);
        Assert.Equal([4UL, 2UL, 1UL], Walk().Select(static chunk => chunk.Sequence));
    }

    [Fact]
    public void Other_options_of_a_lane_count_at_once()
    {
        SpoolLane low = Lane(new LaneOptions { Name = "low" });
        SpoolLane high = Lane(new LaneOptions { Name = "high", Priority = 1 });
        Fill(low, 2, 1);
        Fill(high, 2, 1);
        Assert.Equal(["high", "high", "low", "low"], Walk().Select(static chunk => chunk.Segment.Lane.Name));

        _queue.Reorder(low, new LaneOptions { Name = "low", Priority = 2, UploadOrder = UploadOrder.NewestFirst });
        Assert.Equal(
            ["low/2", "low/1", "high/1", "high/2"], Walk().Select(static chunk => $"{chunk.Segment.Lane.Name}/{chunk.Sequence}"));
    }

    [Fact]
    public void A_link_is_shown_only_what_it_carries()
    {
        SpoolLane low = Lane(new LaneOptions { Name = "low" });
        SpoolLane high = Lane(new LaneOptions { Name = "high", Priority = 1 });
        Fill(low, 2, 1);
        Fill(high, 2, 1);
        _queue.Urge([Walk(UploadScope.Everything with { Lanes = ["low"] })[1]]);

        Assert.Equal(["high", "high"], Names(new UploadScope(null, 1, UploadScope.What.All)));
        Assert.Equal(["low", "low"], Names(new UploadScope(["low"], null, UploadScope.What.All)));
        Assert.Equal(["low"], Names(new UploadScope(null, null, UploadScope.What.Marked)));
        Assert.Empty(Names(new UploadScope(null, 1, UploadScope.What.Marked)));
        Assert.Empty(Names(new UploadScope(null, null, UploadScope.What.None)));
    }

    [Fact]
    public void The_next_chunk_of_a_hundred_thousand_is_found_as_fast_as_of_a_hundred()
    {
        SpoolLane[] lanes = [.. Enumerable.Range(0, 4).Select(at => Lane(new LaneOptions
        {
            Name = $"lane{at}",
            UploadDeadline = TimeSpan.FromSeconds(1),
            UploadOrder = at % 2 == 0 ? UploadOrder.NewestFirst : UploadOrder.OldestFirst,
        }))];
        foreach (SpoolLane lane in lanes)
            Fill(lane, 25, PartBytes);
        long few = Looked();
        foreach (SpoolLane lane in lanes)
            Fill(lane, 25_000, PartBytes, from: 26);
        _time.Advance(TimeSpan.FromMinutes(1));
        foreach (SpoolLane lane in lanes)
            Fill(lane, 10, PartBytes, from: 30_000);

        Assert.InRange(Looked(), 0, 3 * few);

        long Looked()
        {
            Send(20, out _);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Send(20, out _);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static bool IsBackwards(SpoolChunk chunk) =>
        chunk.Segment.Lane.Options.UploadOrder == UploadOrder.NewestFirst && !chunk.IsUrgent && !chunk.IsRequested;

    private static long DueAt(SpoolChunk chunk) => chunk.Segment.Lane.Options.UploadDeadline is { } deadline
        ? chunk.RecordedAt + deadline.Ticks
        : long.MaxValue;

    private SpoolLane Lane(LaneOptions options) => new(options, _room);

    private SpoolChunk Add(SpoolLane lane, ulong sequence, long bodyBytes = 10)
    {
        SpoolChunk chunk = new(
            new SpoolSegment(_recording, lane, lane.Name, 1), sequence, new ChunkPlace(0, 0, 0, bodyBytes), 0, 0)
        {
            RecordedAt = _time.GetTimestamp(),
        };
        _queue.Add(chunk);
        return chunk;
    }

    private void Fill(SpoolLane lane, int chunks, long bodyBytes, int from = 1)
    {
        for (int at = 0; at < chunks; at++)
            Add(lane, (ulong)(from + at), bodyBytes);
    }

    private List<SpoolChunk> Walk(UploadScope? scope = null)
    {
        List<SpoolChunk> chunks = [];
        _queue.Walk(scope ?? UploadScope.Everything, chunk =>
        {
            chunks.Add(chunk);
            return true;
        });
        return chunks;
    }

    private IEnumerable<string> Names(UploadScope scope) => Walk(scope).Select(static chunk => chunk.Segment.Lane.Name);

    // Parts, by lane.
    private Dictionary<string, long> Send(int parts, out List<string> order)
    {
        Dictionary<SpoolChunk, long> offsets = [];
        order = [];
        for (int part = 0; part < parts; part++)
        {
            SpoolChunk? next = null;
            _queue.Walk(UploadScope.Everything, chunk =>
            {
                next = chunk;
                return false;
            });
            order.Add(next!.Segment.Lane.Name);
            _queue.Charge(next, PartBytes);
            offsets[next] = offsets.GetValueOrDefault(next) + PartBytes;
            if (offsets[next] >= next.BodyBytes)
                _queue.Remove(next);
        }

        return order.GroupBy(static name => name).ToDictionary(static lane => lane.Key, static lane => (long)lane.Count());
    }
}
