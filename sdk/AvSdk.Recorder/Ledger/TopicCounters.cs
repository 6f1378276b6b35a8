using System.Collections.Frozen;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Ledger;

/// <summary>
/// The live counts behind one topic's part of the ledger, and its drops that are not in the ledger's file yet. Safe for any
/// number of threads.
/// </summary>
internal sealed class TopicCounters(uint channelId, string topic, string lane)
{
    // A source names its reasons itself.
    private const int ReasonsMax = 32;
    private const string OtherReasons = "other";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ulong> _drops = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _evictions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DropTally> _untold = new(StringComparer.Ordinal);
    private readonly MissingRanges _missing = new();
    private bool _isNamed;
    private long _accepted;
    private long _delivered;
    private long _damaged;
    private ulong _lastLogTime;

    public string Topic { get; } = topic;

    public ulong Accepted => Read(ref _accepted);

    /// <summary>Calls come one at a time.</summary>
    public void Accept(ulong logTime)
    {
        Interlocked.Increment(ref _accepted);
        Volatile.Write(ref _lastLogTime, logTime);
    }

    /// <summary>A chunk with so many messages of the topic ended.</summary>
    public void End(ChunkEnd end, string reason, ulong messages, ChunkHeader header)
    {
        if (end == ChunkEnd.Delivered)
        {
            Interlocked.Add(ref _delivered, (long)messages);
            return;
        }

        if (end == ChunkEnd.Damaged)
            Interlocked.Add(ref _damaged, (long)messages);
        lock (_gate)
        {
            if (end == ChunkEnd.Evicted)
                Add(_evictions, reason, messages);
            _missing.Add(new MissingRange(
                end == ChunkEnd.Evicted ? MessageEnd.Evicted : MessageEnd.Damaged, reason, messages,
                header.FirstLogTime, header.LastLogTime));
        }
    }

    /// <summary>A message of this log time was refused.</summary>
    public void Drop(string reason, ulong logTime) => Drop(reason, new DropTally(1, logTime, logTime));

    /// <summary>
    /// A source lost messages before they came here. When is not told: about when the topic's last message before was.
    /// </summary>
    public void Lose(ulong messages, string reason)
    {
        ulong about = Volatile.Read(ref _lastLogTime);
        Drop(reason, new DropTally(messages, about, about));
    }

    /// <summary>Accepted messages that could not be kept after all: they change sides.</summary>
    public void DropAccepted(ulong messages, string reason, ulong firstLogTime, ulong lastLogTime)
    {
        Interlocked.Add(ref _accepted, -(long)messages);
        Drop(reason, new DropTally(messages, firstLogTime, lastLogTime));
    }

    /// <summary>Adds what the ledger was not told: the channel itself, and drops.</summary>
    public void CollectInto(LedgerTally tally)
    {
        lock (_gate)
        {
            if (!_isNamed)
                tally.AddChannel(new LedgerChannel { ChannelId = channelId, Topic = Topic, Lane = lane });
            _isNamed = true;
            foreach ((string reason, DropTally drop) in _untold)
                tally.AddDrop(channelId, reason, drop);
            _untold.Clear();
        }
    }

    public LedgerCount ToAccepted() => new() { ChannelId = channelId, Messages = Accepted };

    public TopicLedger Summary()
    {
        // Ends are read before the beginning, so that a message is never seen ended and not accepted.
        ulong delivered = Read(ref _delivered), damaged = Read(ref _damaged);
        lock (_gate)
        {
            ulong evicted = _evictions.Values.Aggregate(0UL, static (sum, messages) => sum + messages);
            return new TopicLedger(
                Topic, lane, Read(ref _accepted), delivered, evicted, damaged,
                _drops.ToFrozenDictionary(StringComparer.Ordinal))
            {
                Evictions = _evictions.ToFrozenDictionary(StringComparer.Ordinal),
                Missing = _missing.InOrder(),
            };
        }
    }

    private void Drop(string reason, in DropTally drop)
    {
        lock (_gate)
        {
            if (!_drops.ContainsKey(reason) && _drops.Count >= ReasonsMax)
                reason = OtherReasons;
            Add(_drops, reason, drop.Messages);
            _untold[reason] = _untold.GetValueOrDefault(reason).Plus(drop);
            if (drop.LastLogTime > 0)
            {
                _missing.Add(new MissingRange(
                    MessageEnd.Dropped, reason, drop.Messages, drop.FirstLogTime, drop.LastLogTime));
            }
        }
    }

    private static void Add(Dictionary<string, ulong> counts, string reason, ulong messages) =>
        counts[reason] = counts.GetValueOrDefault(reason) + messages;

    private static ulong Read(ref long count) => (ulong)Volatile.Read(ref count);
}
