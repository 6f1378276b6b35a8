using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;
using AvSdk.Tests.Recording.Fakes;
using Outcome = AvSdk.Contracts.V1.Receipt.Types.Outcome;

namespace AvSdk.Tests.Recording;

/// <summary>The state machine alone: no link, no disk, no clock.</summary>
public sealed class UploadSessionTests
{
    private readonly UploadQueue _queue = new(TimeProvider.System);
    private readonly Dictionary<string, SpoolLane> _lanes = [];
    private readonly SpoolRecording _recording;
    private readonly List<SpoolRecording> _ends = [];
    private readonly UploadSession _session;
    private readonly List<UploadOutcome> _outcomes = [];

    public UploadSessionTests()
    {
        Guid id = Guid.CreateVersion7();
        _recording = new SpoolRecording(id, new RecordingInfo { RecordingId = RecordingIds.ToBytes(id) });
        _session = new UploadSession(_queue, new UploadOptions { PartBytes = 4096 }, _recording, () => _ends);
    }

    [Fact]
    public void Nothing_is_said_before_the_gateway_opened()
    {
        Add("telemetry", 1, 100);
        Assert.IsType<UploadStep.Open>(_session.Next(default));
        Assert.Null(Assert.IsType<UploadStep.Wait>(_session.Next(default)).Delay);
        Assert.True(_session.IsOwed);
    }

    [Fact]
    public void Headers_go_before_bytes_and_parts_only_when_the_gateway_said_from_where()
    {
        Open();
        SpoolChunk chunk = Add("telemetry", 1, 10_000);
        Assert.Equal([chunk], Announce().Chunks);
        Assert.IsType<UploadStep.Wait>(_session.Next(default));

        Announced(ChunkState.Types.Kind.Partial, held: 8192);
        UploadStep.Part part = Part();
        Assert.Equal((8192L, 1808), (part.Offset, part.Bytes));
        Assert.IsType<UploadStep.Wait>(_session.Next(default));
        Receipt(chunk, Outcome.Stored);
        Assert.Equal(new UploadOutcome.Delivered(RefOf(chunk)), _outcomes.Single());
        Assert.False(_session.IsOwed);
    }

    [Fact]
    public void An_answer_that_comes_twice_says_nothing_of_the_next_chunks()
    {
        Open();
        SpoolChunk first = Add("telemetry", 1, 10_000);
        Announce();
        Announced answer = new();
        answer.States.Add(new ChunkState { Ref = RefOf(first), Kind = ChunkState.Types.Kind.Stored });
        _session.OnReply(new UploadReply { Announced = answer }, default, _outcomes);
        Add("telemetry", 2, 10_000);
        Announce();

        Assert.Throws<UplinkException>(
            () => _session.OnReply(new UploadReply { Announced = answer }, default, _outcomes));
        Assert.Equal([new UploadOutcome.Delivered(RefOf(first))], _outcomes);
    }

    [Fact]
    public void A_more_urgent_chunk_overtakes_at_the_next_part()
    {
        Open();
        SpoolChunk sensors = Add("sensors", 1, 20_000, priority: 0);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown);
        Assert.Same(sensors, Part().Chunk);
        SpoolChunk events = Add("events", 1, 5_000, priority: 9);
        Announce();
        Assert.Same(sensors, Part().Chunk);
        Announced(ChunkState.Types.Kind.Unknown);

        Assert.Same(events, Part().Chunk);
        Assert.Same(events, Part().Chunk);
        UploadStep.Part again = Part();
        Assert.Equal((sensors, 8192L), (again.Chunk, again.Offset));
    }

    [Fact]
    public void An_urgent_chunk_is_announced_before_a_backlog_and_at_most_one_part_goes_before_it()
    {
        Open();
        for (ulong at = 1; at <= 3000; at++)
            Add("sensors", at, 20_000);
        int first = Announce().Chunks.Count;
        int second = Announce().Chunks.Count;
        Assert.IsType<UploadStep.Wait>(_session.Next(default));
        Announced(ChunkState.Types.Kind.Unknown, count: first);
        int third = Announce().Chunks.Count;
        Assert.Equal("sensors", Part().Chunk.Segment.Lane.Name);

        SpoolChunk events = Add("events", 1, 5_000, priority: 9);
        UploadStep.Announce announce = Announce();
        Assert.Same(events, announce.Chunks[0]);
        Assert.Equal("sensors", Part().Chunk.Segment.Lane.Name);
        // The link's delay is that of a part.
        foreach (int count in new[] { second, third, announce.Chunks.Count })
            Announced(ChunkState.Types.Kind.Unknown, count: count);
        while (_session.Next(default) is UploadStep.Announce next)
            _session.AnnounceSent([.. next.Chunks.Select(chunk => (chunk, RefOf(chunk)))]);
        Assert.Same(events, Part().Chunk);
    }

    [Fact]
    public void A_chunk_that_the_gateway_wants_later_holds_up_nobody()
    {
        Open();
        SpoolChunk first = Add("telemetry", 1, 4096);
        SpoolChunk second = Add("telemetry", 2, 4096);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown, count: 2);
        Assert.Same(first, Part().Chunk);
        Receipt(first, Outcome.RetryLater, retryAfterMs: 2000);
        Assert.Same(second, Part().Chunk);
        Receipt(second, Outcome.Stored);
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.IsType<UploadStep.Wait>(_session.Next(default)).Delay);
        _session.Lose();

        // Whoever comes next has it in its place.
        SpoolChunk? next = null;
        _queue.Walk(UploadScope.Everything, chunk => (next = chunk) is null);
        Assert.Same(first, next);
    }

    [Fact]
    public void Within_a_lane_the_oldest_goes_first_unless_another_was_asked_for()
    {
        Open();
        SpoolChunk[] chunks = [.. Enumerable.Range(1, 4).Reverse().Select(at => Add("telemetry", (ulong)at, 4096))];
        Announce();
        Announced(ChunkState.Types.Kind.Unknown, count: 4);
        _queue.Request(chunks[0]);

        Assert.Equal([4UL, 1UL, 2UL, 3UL], Enumerable.Range(0, 4).Select(_ => Part().Chunk.Sequence));
    }

    [Fact]
    public void The_window_holds_parts_back_until_a_receipt_comes()
    {
        Open(windowBytes: 10_000);
        SpoolChunk first = Add("telemetry", 1, 4096);
        Add("telemetry", 2, 20_000);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown, count: 2);
        Part();
        Part();
        Assert.IsType<UploadStep.Wait>(_session.Next(default));

        Receipt(first, Outcome.Stored);
        // No receipt can come for a chunk that is not complete: it goes on over the window's edge.
        for (int part = 0; part < 4; part++)
            Part();
        Assert.IsType<UploadStep.Wait>(_session.Next(default));
    }

    [Fact]
    public void Retry_later_begins_again_at_the_start_when_its_time_has_come()
    {
        Open();
        SpoolChunk chunk = Add("telemetry", 1, 4096);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown);
        Part();
        Receipt(chunk, Outcome.RetryLater, retryAfterMs: 2000);
        Assert.Equal([new UploadOutcome.NotNow(RefOf(chunk))], _outcomes);
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.IsType<UploadStep.Wait>(_session.Next(default)).Delay);

        UploadStep.Part again = Assert.IsType<UploadStep.Part>(_session.Next(TimeSpan.FromSeconds(2)));
        Assert.Equal((chunk, 0L), (again.Chunk, again.Offset));
    }

    [Fact]
    public void After_a_loss_the_next_session_asks_anew_and_announces_nothing_twice_for_the_catalogue()
    {
        Open();
        SpoolChunk told = Add("telemetry", 1, 20_000);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown);
        Part();
        _session.Lose();

        UploadSession next = new(_queue, new UploadOptions(), _recording, () => _ends);
        Assert.False(_queue.HasUnannounced);
        next.Next(default);
        next.OnReply(Opened(1 << 20), default, _outcomes);
        next.DefineSent(((UploadStep.Define)next.Next(default)).Recording, 0);
        Assert.Equal([told], Assert.IsType<UploadStep.Announce>(next.Next(default)).Chunks);
    }

    [Fact]
    public void Missing_schemas_go_whole_and_parts_wait_for_them()
    {
        _recording.Definitions.Add(Bench.Spec("/imu"), "telemetry");
        Assert.IsType<UploadStep.Open>(_session.Next(default));
        _session.OnReply(Opened(1 << 20), default, _outcomes);
        UploadStep.Define byHash = Assert.IsType<UploadStep.Define>(_session.Next(default));
        Assert.Empty(byHash.Whole);
        _session.DefineSent(_recording, _recording.Definitions.Version);
        Add("telemetry", 1, 100);
        Announce();
        Announced(ChunkState.Types.Kind.Unknown);
        Assert.IsType<UploadStep.Wait>(_session.Next(default));

        Defined defined = new() { RecordingId = _recording.Info.RecordingId };
        defined.MissingSchemaSha256.Add(_recording.Definitions.Find(1)!.Value.Schema!.Sha256);
        _session.OnReply(new UploadReply { Defined = defined }, default, _outcomes);
        UploadStep.Define whole = Assert.IsType<UploadStep.Define>(_session.Next(default));
        Assert.Equal(defined.MissingSchemaSha256.Single(), whole.Whole.Single());
        _session.DefineSent(_recording, _recording.Definitions.Version);
        Assert.IsType<UploadStep.Wait>(_session.Next(default));
        _session.OnReply(new UploadReply { Defined = new Defined() }, default, _outcomes);
        Part();
    }

    [Fact]
    public void An_end_is_told_once_when_everything_was_announced()
    {
        Open();
        Add("telemetry", 1, 100);
        _recording.End = new RecordingEnd();
        _ends.Add(_recording);
        Announce();
        Assert.Same(_recording, Assert.IsType<UploadStep.End>(_session.Next(default)).Recording);
        Assert.IsType<UploadStep.Wait>(_session.Next(default));

        Ended ended = new() { RecordingId = _recording.Info.RecordingId };
        _session.OnReply(new UploadReply { Ended = ended }, default, _outcomes);
        Assert.Equal(new UploadOutcome.EndTold(_recording), _outcomes.Single());
    }

    [Fact]
    public void A_reply_that_answers_nothing_is_an_error_of_the_link()
    {
        Open();
        Assert.Throws<UplinkException>(() => Announced(ChunkState.Types.Kind.Unknown));
        Assert.Throws<UplinkException>(() => _session.OnReply(Opened(1), default, _outcomes));
        Assert.Throws<UplinkException>(() =>
            _session.OnReply(new UploadReply { Defined = new Defined() }, default, _outcomes));
        Assert.Throws<UplinkException>(() =>
            _session.OnReply(new UploadReply { Receipt = new Receipt() }, default, _outcomes));
        Add("telemetry", 1, 100);
        Announce();
        Assert.Throws<UplinkException>(() => Announced(ChunkState.Types.Kind.Unknown, count: 2));
    }

    [Fact]
    public void The_waits_double_up_to_their_limit_and_begin_again_after_success()
    {
        UploadOptions options = new()
        {
            RetryDelay = TimeSpan.FromSeconds(1),
            RetryDelayMax = TimeSpan.FromSeconds(10),
        };
        Backoff backoff = new(options, new Top());
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => Seconds(backoff.Next(isTransient: true))));
        backoff.Reset();
        Assert.Equal(1, Seconds(backoff.Next(isTransient: true)));
        Assert.Equal(10, Seconds(backoff.Next(isTransient: false)));
    }

    private static double Seconds(TimeSpan delay) => Math.Round(delay.TotalSeconds, 3);

    private static UploadReply Opened(ulong windowBytes) => new()
    {
        Opened = new Opened { PartBytesMax = 1 << 20, UnacknowledgedBytesMax = windowBytes },
    };

    private static ChunkRef RefOf(SpoolChunk chunk) => new()
    {
        RecordingId = chunk.Segment.Recording.Info.RecordingId,
        Lane = chunk.Segment.Lane.Name,
        Sequence = chunk.Sequence,
    };

    private void Open(ulong windowBytes = 1 << 20)
    {
        Assert.IsType<UploadStep.Open>(_session.Next(default));
        _session.OnReply(Opened(windowBytes), default, _outcomes);
        Assert.Same(_recording, Assert.IsType<UploadStep.Define>(_session.Next(default)).Recording);
        _session.DefineSent(_recording, 0);
        _session.OnReply(new UploadReply { Defined = new Defined() }, default, _outcomes);
        Assert.IsType<UploadStep.Wait>(_session.Next(default));
    }

    private SpoolChunk Add(string lane, ulong sequence, long bodyBytes, int priority = 0)
    {
        if (!_lanes.TryGetValue(lane, out SpoolLane? spoolLane))
        {
            LaneOptions options = new() { Name = lane, Priority = priority };
            _lanes[lane] = spoolLane = new SpoolLane(options, new SpoolRoom(new RecorderOptions { VehicleId = "v" }));
        }

        SpoolSegment segment = new(_recording, spoolLane, lane, 1);
        SpoolChunk chunk = new(segment, sequence, new ChunkPlace(0, 0, 0, bodyBytes), 0, 0);
        _queue.Add(chunk);
        return chunk;
    }

    private UploadStep.Announce Announce()
    {
        UploadStep.Announce announce = Assert.IsType<UploadStep.Announce>(_session.Next(default));
        _session.AnnounceSent([.. announce.Chunks.Select(chunk => (chunk, RefOf(chunk)))]);
        return announce;
    }

    private void Announced(ChunkState.Types.Kind kind, ulong held = 0, int count = 1)
    {
        Announced announced = new();
        for (int at = 0; at < count; at++)
            announced.States.Add(new ChunkState { Kind = kind, HeldBytes = held });
        _session.OnReply(new UploadReply { Announced = announced }, default, _outcomes);
    }

    private UploadStep.Part Part()
    {
        UploadStep.Part part = Assert.IsType<UploadStep.Part>(_session.Next(default));
        _session.PartSent(part);
        return part;
    }

    private void Receipt(SpoolChunk chunk, Outcome outcome, uint retryAfterMs = 0)
    {
        Receipt receipt = new() { Ref = RefOf(chunk), Outcome = outcome, RetryAfterMs = retryAfterMs };
        _session.OnReply(new UploadReply { Receipt = receipt }, default, _outcomes);
    }

    /// <summary>Chance that always draws the most.</summary>
    private sealed class Top : Random
    {
        public override double NextDouble() => 1;
    }
}
