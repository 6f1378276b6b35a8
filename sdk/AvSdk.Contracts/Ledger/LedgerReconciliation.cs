// Sets a ledger against the chunks that are known of. A message is in one count:
//
//   the gateway stores its chunk             delivered, whatever the ledger says
//   the ledger ended its chunk               as it says; "delivered" and not stored is missing_at_gateway
//   its chunk is known and has no end        pending; after the lane's last sequence, as the ledger's end has it,
//                                            damaged ("killed"): it was announced, and lost with the run
//   the ledger dropped it                    dropped
//   accepted by the ledger's end, and none   unannounced; but where every chunk of its lane is accounted for, and all
//     of these                               whose messages are not counted ended alike: in those, so as they did
//
// Of two words of the ledger on one sequence the first counts. Where a stretch of the ledger is partly stored, what is
// stored is taken from its counts; where the rest's chunks are known, their own counts are used.
using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>Makes the report of a ledger. Pure: no clock, no I/O.</summary>
public sealed class LedgerReconciliation
{
    private readonly LedgerSources _sources;
    private readonly SortedDictionary<string, LaneAccount> _lanes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Topic, string Lane), TopicAccount> _topics =
        new(Comparer<(string Topic, string Lane)>.Create(static (x, y) =>
        {
            int byTopic = string.CompareOrdinal(x.Topic, y.Topic);
            return byTopic != 0 ? byTopic : string.CompareOrdinal(x.Lane, y.Lane);
        }));

    private readonly Dictionary<uint, TopicAccount> _byChannel = [];
    private readonly HashSet<(string Lane, string End, string Reason)> _uncounted = [];
    private readonly LedgerReport _report = new();
    private LedgerEnded? _ended;

    private LedgerReconciliation(LedgerSources sources) => _sources = sources;

    /// <summary>The report of a ledger.</summary>
    public static LedgerReport Reconcile(LedgerSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return new LedgerReconciliation(sources).Run();
    }

    private LedgerReport Run()
    {
        foreach (ChannelDefinition channel in _sources.Channels)
            AddChannel(channel.ChannelId, channel.Topic, channel.Lane);
        foreach (LedgerChannel channel in _sources.Entries.SelectMany(static entry => entry.Channels))
            AddChannel(channel.ChannelId, channel.Topic, channel.Lane);
        foreach (IGrouping<string, LedgerChunkFact> lane in _sources.Chunks.GroupBy(static chunk => chunk.Lane))
            _lanes.Add(lane.Key, new LaneAccount(lane.Key, lane));
        foreach (LaneAccount lane in _lanes.Values)
            TakeStored(lane);
        foreach (LedgerEntry entry in _sources.Entries)
            Take(entry);
        foreach (LaneAccount lane in _lanes.Values)
            TakePending(lane);
        TakeEnds();
        _report.Lanes.AddRange(_lanes.Values.Select(static lane => lane.Finish()));
        CountTheRest();
        return Finish();
    }

    private void AddChannel(uint channelId, string topic, string lane) =>
        _byChannel[channelId] = Topic(topic, lane);

    private TopicAccount Topic(string topic, string lane)
    {
        if (!_topics.TryGetValue((topic, lane), out TopicAccount? account))
            _topics.Add((topic, lane), account = new TopicAccount(topic, lane));
        return account;
    }

    // A channel that nobody defined still has messages to account for.
    private TopicAccount Of(uint channelId, string lane)
    {
        if (!_byChannel.TryGetValue(channelId, out TopicAccount? account))
            _byChannel.Add(channelId, account = Topic($"channel {channelId}", lane));
        return account;
    }

    private LaneAccount Lane(string name)
    {
        if (!_lanes.TryGetValue(name, out LaneAccount? lane))
            _lanes.Add(name, lane = new LaneAccount(name, []));
        return lane;
    }

    private void TakeStored(LaneAccount lane)
    {
        foreach (LedgerChunkFact chunk in lane.Chunks.Where(static chunk => chunk.IsStored))
        {
            lane.Report.DeliveredChunks++;
            foreach (ChunkChannel channel in chunk.Channels)
                Of(channel.ChannelId, lane.Name).Report.Delivered += channel.Messages;
        }
    }

    private void Take(LedgerEntry entry)
    {
        foreach (LedgerChunks chunks in entry.Chunks)
            Take(Lane(chunks.Lane), chunks);
        foreach (LedgerDrops drops in entry.Drops)
        {
            Of(drops.ChannelId, "").Lose(
                LedgerWords.Dropped, drops.Reason, drops.Messages, drops.FirstLogTime,
                drops.FirstLogTime + drops.SpanNs);
        }

        foreach (LedgerLaneGap gap in entry.Gap?.Lanes ?? [])
        {
            Lane(gap.Lane).Reach(gap.LastSequence);
            ulong first = gap.LastLogTime == 0 ? 0 : gap.LastLogTime + 1;
            foreach (TopicAccount topic in TopicsOf(gap.Lane))
                topic.Miss(LedgerWords.Unknown, entry.Gap!.Reason, 0, first, 0);
        }

        if (entry.Ended is { } ended)
            _ended = ended;
        _report.ToldAt = Math.Max(_report.ToldAt, entry.At);
    }

    private void Take(LaneAccount lane, LedgerChunks chunks)
    {
        LedgerStretch stretch = lane.Cover(chunks);
        if (stretch.Chunks == 0)
            return;
        if (lane.IsOtherHash(chunks.LastSequence, chunks.Sha256))
            Disagree(LedgerWords.OtherHash, chunks, $"chunk {chunks.LastSequence} has another hash in the ledger");
        bool isDelivered = chunks.End == LedgerChunks.Types.End.Delivered;
        if (!isDelivered && stretch.Stored.Count > 0)
        {
            Disagree(
                LedgerWords.DeliveredAfterAll, chunks,
                $"the vehicle ended {stretch.Stored.Count} of them ({chunks.Reason}) that are stored");
        }

        ulong left = stretch.Chunks - (ulong)stretch.Stored.Count;
        if (left == 0)
            return;
        string end = isDelivered ? LedgerWords.MissingAtGateway
            : chunks.End == LedgerChunks.Types.End.Evicted ? LedgerWords.Evicted : LedgerWords.Damaged;
        if (isDelivered && !_sources.IsAtGateway)
            end = "";
        else if (isDelivered)
            Disagree(LedgerWords.MissingAtGateway, chunks, $"{left} of them are not stored here");
        lane.Add(end, left);
        foreach (LedgerLoss loss in stretch.Losses(chunks))
        {
            TopicAccount topic = Of(loss.ChannelId, lane.Name);
            if (end.Length == 0)
                topic.Report.Delivered += loss.Messages;
            else
                topic.Lose(end, chunks.Reason, loss.Messages, loss.FirstLogTime, loss.LastLogTime);
        }

        if (end.Length == 0 || !stretch.HasUncounted(chunks))
            return;
        _uncounted.Add((lane.Name, end, chunks.Reason));
        (ulong first, ulong last) = lane.Around(chunks.FirstSequence, chunks.LastSequence);
        foreach (TopicAccount topic in TopicsOf(lane.Name))
            topic.Miss(end, chunks.Reason, 0, first, last);
    }

    private void TakePending(LaneAccount lane)
    {
        LedgerLaneEnd? last = _ended is { Orderly: false }
            ? _ended.Lanes.FirstOrDefault(end => end.Lane == lane.Name) ?? new LedgerLaneEnd()
            : null;
        foreach (LedgerChunkFact chunk in lane.Chunks)
        {
            if (chunk.IsStored || lane.IsCovered(chunk.Sequence))
                continue;
            if (last is { } end && chunk.Sequence > end.LastSequence)
            {
                lane.Add(LedgerWords.Damaged, 1);
                foreach (ChunkChannel channel in chunk.Channels)
                {
                    Of(channel.ChannelId, lane.Name).Lose(
                        LedgerWords.Damaged, LedgerWords.Killed, channel.Messages, chunk.FirstLogTime,
                        chunk.LastLogTime);
                }

                continue;
            }

            lane.Report.PendingChunks++;
            foreach (ChunkChannel channel in chunk.Channels)
                Of(channel.ChannelId, lane.Name).Report.Pending += channel.Messages;
        }
    }

    private void TakeEnds()
    {
        if (_sources.Entries.Count == 0)
        {
            foreach (TopicLoss loss in _sources.End?.Losses ?? [])
            {
                TopicAccount topic = _topics.Values.FirstOrDefault(topic => topic.Report.Topic == loss.Topic)
                    ?? Topic(loss.Topic, "");
                topic.Count(LedgerWords.Dropped, loss.Reason, loss.Messages);
            }
        }

        foreach (LaneEnd lane in _sources.End?.Lanes ?? [])
            Lane(lane.Lane).Reach(lane.LastSequence);
        foreach (LedgerLaneEnd lane in _ended?.Lanes ?? [])
        {
            Lane(lane.Lane).Reach(lane.LastSequence);
            if (Lane(lane.Lane).IsOtherHash(lane.LastSequence, lane.Sha256))
            {
                LedgerChunks last = new()
                {
                    Lane = lane.Lane,
                    FirstSequence = lane.LastSequence,
                    LastSequence = lane.LastSequence,
                };
                Disagree(LedgerWords.OtherHash, last, $"chunk {lane.LastSequence}, the last, has another hash in the ledger");
            }
        }

        // A topic that was moved to another lane and back has two channels there.
        IEnumerable<LedgerCount> counts = _ended?.Accepted ?? [];
        foreach (IGrouping<TopicAccount, LedgerCount> topic in counts.GroupBy(count => Of(count.ChannelId, "")))
        {
            ulong accepted = topic.Aggregate(0UL, static (sum, count) => sum + count.Messages);
            ulong known = topic.Key.InChunks;
            topic.Key.IsCounted = accepted >= known;
            if (accepted >= known)
                topic.Key.Report.Unannounced = accepted - known;
            else
                Disagree(
                    LedgerWords.Count, new LedgerChunks { Lane = topic.Key.Report.Lane },
                    $"{topic.Key.Report.Topic}: {accepted} messages were accepted, {known} are in chunks");
        }
    }

    // Nobody could read what those chunks held; what was accepted and is nowhere else was in them.
    private void CountTheRest()
    {
        foreach (var uncounted in _uncounted.GroupBy(static each => each.Lane))
        {
            LedgerLaneReport lane = _lanes[uncounted.Key].Report;
            if (uncounted.Count() > 1 || lane.UnannouncedChunks > 0 || lane.PendingChunks > 0)
                continue;
            (_, string end, string reason) = uncounted.Single();
            foreach (TopicAccount topic in TopicsOf(uncounted.Key).Where(static topic => topic.IsCounted))
                topic.CountTheRest(end, reason);
        }
    }

    private LedgerReport Finish()
    {
        _report.Recording = _sources.Recording;
        _report.Entries = (ulong)_sources.Entries.Count;
        _report.Parts.AddRange(_sources.Parts);
        _report.Presence = _sources.Entries.Count == 0 ? LedgerReport.Types.Presence.Absent
            : _ended is null ? LedgerReport.Types.Presence.Open : LedgerReport.Types.Presence.Ended;
        _report.Orderly = (_ended?.Orderly ?? _sources.End?.Orderly) == true;
        foreach (TopicAccount topic in _topics.Values)
            _report.Topics.Add(topic.Finish());
        _report.IsComplete = _report.Presence == LedgerReport.Types.Presence.Ended
            && _report.Parts.All(static part => part.Refused.Length == 0)
            && _report.Lanes.All(static lane => lane.UnannouncedChunks == 0 && lane.MissingAtGatewayChunks == 0)
            && _report.Topics.All(static topic => topic.Unannounced == 0
                && topic.Missing.All(static missing => missing.Messages > 0));
        return _report;
    }

    private IEnumerable<TopicAccount> TopicsOf(string lane) =>
        _topics.Values.Where(topic => topic.Report.Lane == lane);

    private void Disagree(string kind, LedgerChunks chunks, string detail) =>
        _report.Disagreements.Add(new LedgerDisagreement
        {
            Kind = kind,
            Lane = chunks.Lane,
            FirstSequence = chunks.FirstSequence,
            LastSequence = chunks.LastSequence,
            Detail = detail,
        });
}
