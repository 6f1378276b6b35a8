using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using ChunkRecord = AvSdk.Contracts.V1.ChunkRecord;

namespace AvSdk.Tests.Recording;

/// <summary>Random lanes, quotas, ages, marks and restarts against what the policy says.</summary>
public sealed class EvictionPolicyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Quotas_hold_and_what_goes_goes_in_the_order_of_the_policy(int seed)
    {
        Model model = new(seed);
        await model.RunAsync(steps: 260);
    }

    private sealed class Model(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, List<uint>> _accepted = new(StringComparer.Ordinal);
        private readonly HashSet<uint> _pinned = [];
        private readonly HashSet<uint> _gone = [];
        private Bench _bench = new();
        private LocalRecorder? _recorder;
        private uint _next = 1;
        private Dictionary<string, HashSet<ulong>> _seen = new(StringComparer.Ordinal);

        private RecorderOptions Options => _bench.Options;

        public async Task RunAsync(int steps)
        {
            _bench = new Bench { Options = NewOptions() };
            Assert.Empty(Options.Validate());
            foreach (LaneOptions lane in Options.Lanes)
                _accepted.Add(lane.Name, []);
            _recorder = await _bench.OpenAsync();
            for (int step = 0; step < steps; step++)
            {
                await StepAsync();
                AssertBounds();
            }

            Check(writer: null);
            await _recorder.DisposeAsync();
            Check(writer: null);
        }

        private async Task StepAsync()
        {
            int what = _random.Next(40);
            if (what == 0)
            {
                await _recorder!.DisposeAsync();
                _bench.Time.Advance(TimeSpan.FromSeconds(1));
                _bench = new Bench { Options = Options, Files = _bench.Files.Copy(), Time = _bench.Time };
                _recorder = await _bench.OpenAsync();
                AssertBounds();
                await Eventually.Holds(() => _recorder!.Status.Recovery.IsDone);
                Check(writer: null);
            }
            else if (what <= 3)
            {
                uint at = (uint)_random.Next(1, (int)_next + 5);
                uint before = Math.Min(at - 1, (uint)_random.Next(6));
                uint after = (uint)_random.Next(6);
                // What is gone already no mark brings back.
                Check(writer: null);
                MarkResult result = _recorder!.Mark(
                    "m", Bench.At(at).LogTime, TimeSpan.FromMilliseconds(before), TimeSpan.FromMilliseconds(after));
                Assert.Equal(MarkResult.Accepted, result);
                for (uint number = at - before; number <= at + after; number++)
                {
                    if (!_gone.Contains(number))
                        _pinned.Add(number);
                }

                await _recorder!.FlushAsync(Ct);
            }
            else if (what <= 5)
            {
                _bench.Time.Advance(TimeSpan.FromSeconds(_random.Next(1, 40)));
                await _recorder!.FlushAsync(Ct);
                Check(writer: null);
            }
            else
            {
                LaneOptions lane = Options.Lanes[_random.Next(Options.Lanes.Count)];
                for (int count = _random.Next(1, 8); count > 0; count--)
                    await WriteAsync(lane);
            }
        }

        private async Task WriteAsync(LaneOptions lane)
        {
            uint number = _next++;
            RecordingChannel channel = _recorder!.Channel(Bench.Spec("/" + lane.Name, lane.Name));
            WriteResult result = channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, Filling.MessageBytes));
            try
            {
                await _recorder.FlushAsync(Ct);
                if (result == WriteResult.Accepted)
                    _accepted[lane.Name].Add(number);
            }
            catch (RecorderException)
            {
                // What it was to replace was marked after it was accepted: it is lost, and only where lanes evict.
                Assert.NotEqual(WhenFull.Refuse, lane.WhenFull);
            }

            AssertBounds();
            Check(lane);
        }

        private void AssertBounds()
        {
            foreach (LaneStatus lane in _recorder!.Status.Lanes)
                Assert.InRange(lane.SpoolBytes, 0, Options.Lanes.Single(each => each.Name == lane.Name).QuotaBytes);
            if (Options.SpoolBytesMax is { } bytesMax)
                Assert.InRange(Filling.Bytes(_bench.Files), 0, bytesMax);
        }

        private void Check(LaneOptions? writer)
        {
            Dictionary<string, HashSet<ulong>> evicted = EvictedByReason();
            bool isNew = evicted.Values.Sum(static set => set.Count) != _seen.Values.Sum(static set => set.Count);
            if (writer is not null && !isNew)
                return;
            List<(string Lane, uint Number, bool IsClosed)> kept = Kept();
            foreach (LaneOptions lane in Options.Lanes)
                CheckLane(lane, [.. kept.Where(each => each.Lane == lane.Name).Select(static each => each.Number)]);
            if (writer is not null)
                CheckValue(writer, kept, evicted);
            _seen = evicted;
        }

        private void CheckLane(LaneOptions lane, HashSet<uint> kept)
        {
            List<uint> gone = [.. _accepted[lane.Name].Where(number => !kept.Contains(number))];
            Assert.Superset(kept, _accepted[lane.Name].ToHashSet());
            Assert.DoesNotContain(gone, IsPinned);
            _gone.UnionWith(gone);
            bool mayGo = lane.WhenFull != WhenFull.Refuse || Options.AgeMax is not null || lane.AgeMax is not null;
            if (!mayGo || lane.Durability is LaneDurability.EachBatch)
                Assert.Empty(gone);
            List<uint> all = _accepted[lane.Name];
            int oldest = all.FindIndex(number => kept.Contains(number) && !IsPinned(number));
            if (oldest < 0)
                return;
            // Behind the oldest that is there only thinning takes away: never two in a row.
            for (int at = oldest + 1; at < all.Count; at++)
            {
                bool isGone = !kept.Contains(all[at]);
                Assert.False(isGone && lane.WhenFull != WhenFull.Thin, $"{lane.Name}: {all[at]} went too early");
                Assert.False(isGone && !kept.Contains(all[at - 1]), $"{lane.Name}: {all[at]} thinned twice");
            }
        }

        // What a writer's need took from a lane, no lane of less value had to give.
        private void CheckValue(
            LaneOptions writer, List<(string Lane, uint Number, bool IsClosed)> kept,
            Dictionary<string, HashSet<ulong>> evicted)
        {
            foreach (LaneOptions victim in Options.Lanes)
            {
                string key = victim.Name + " spool_quota";
                int before = _seen.GetValueOrDefault(key)?.Count ?? 0;
                if ((evicted.GetValueOrDefault(key)?.Count ?? 0) == before)
                    continue;
                Assert.True(victim.Priority <= writer.Priority, $"{writer.Name} made room at the cost of {victim.Name}");
                foreach (LaneOptions lesser in Options.Lanes)
                {
                    if (lesser == writer || lesser.Priority >= victim.Priority || lesser.WhenFull == WhenFull.Refuse)
                        continue;
                    Assert.DoesNotContain(
                        kept, each => each.Lane == lesser.Name && each.IsClosed && !IsPinned(each.Number));
                }
            }

            foreach ((string key, HashSet<ulong> set) in evicted)
            {
                if (key.EndsWith(" quota", StringComparison.Ordinal)
                    && set.Count > (_seen.GetValueOrDefault(key)?.Count ?? 0))
                {
                    Assert.Equal(writer.Name + " quota", key);
                }
            }
        }

        // By lane and reason, recordings told apart by a hash.
        private Dictionary<string, HashSet<ulong>> EvictedByReason()
        {
            Dictionary<string, HashSet<ulong>> evicted = new(StringComparer.Ordinal);
            foreach (JournalRecord.ChunksEnded ended in Filling.Evictions(_bench.Files))
            {
                HashSet<ulong> set = evicted.TryGetValue($"{ended.Lane} {ended.Reason}", out HashSet<ulong>? known)
                    ? known
                    : evicted[$"{ended.Lane} {ended.Reason}"] = [];
                for (ulong sequence = ended.First; sequence <= ended.Last; sequence++)
                    set.Add(sequence ^ ((ulong)(uint)ended.RecordingId.GetHashCode() << 32));
            }

            return evicted;
        }

        private List<(string Lane, uint Number, bool IsClosed)> Kept()
        {
            List<(string, uint, bool)> kept = [];
            foreach (string name in _bench.Files.Segments)
            {
                string lane = name.Split('/')[1];
                McapScan scan = McapScan.Run(new MemorySource(_bench.Files.Read(name)));
                foreach (McapScannedRecord record in scan.PrivateRecords.Where(static record => record.Opcode == 0x80))
                {
                    ChunkRecord chunk = ChunkRecord.Parser.ParseFrom(record.Content.Span);
                    ulong number = (chunk.Header.FirstLogTime - Bench.At(0).LogTime) / 1_000_000;
                    if (chunk.End == 0 && chunk.Header.BodyBytes > Filling.MessageBytes)
                        kept.Add((lane, (uint)number, scan.IsSealed));
                }
            }

            return kept;
        }

        private bool IsPinned(uint number) => _pinned.Contains(number);

        private RecorderOptions NewOptions()
        {
            List<LaneOptions> lanes = [];
            int[] priorities = [.. Enumerable.Range(0, 10)];
            _random.Shuffle(priorities);
            foreach (string name in new[] { "a", "b", "c", "d" }.Take(_random.Next(2, 5)))
            {
                LaneOptions lane = Filling.Lane(name, (WhenFull)_random.Next(3)) with
                {
                    Priority = priorities[lanes.Count],
                    QuotaBytes = (4L << 20) + _random.Next(4 << 20),
                    SegmentAgeMax = TimeSpan.FromMinutes(1),
                };
                if (lane.WhenFull == WhenFull.Refuse && _random.Next(2) == 0)
                    lane = lane with { Durability = LaneDurability.Sync };
                else if (_random.Next(3) == 0)
                    lane = lane with { AgeMax = TimeSpan.FromMinutes(_random.Next(2, 9)) };
                lanes.Add(lane);
            }

            RecorderOptions options = RecordingToSpoolTests.OptionsOf([.. lanes]);
            return options with
            {
                SpoolBytesMax = _random.Next(3) == 0 ? null : (lanes.Count * (4L << 20)) + _random.Next(2 << 20),
                AgeMax = _random.Next(3) == 0 ? TimeSpan.FromMinutes(_random.Next(3, 9)) : null,
            };
        }
    }
}
