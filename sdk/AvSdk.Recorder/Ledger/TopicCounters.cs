using System.Collections.Frozen;

namespace AvSdk.Recording.Ledger;

/// <summary>The live counts behind one topic's part of the ledger. Safe for any number of threads.</summary>
internal sealed class TopicCounters(string topic, string lane)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ulong> _drops = new(StringComparer.Ordinal);
    private long _accepted;
    private long _delivered;
    private long _evicted;
    private long _damaged;

    public string Topic { get; } = topic;

    public void Accept() => Interlocked.Increment(ref _accepted);

    public void Deliver(long messages) => Interlocked.Add(ref _delivered, messages);

    public void Evict(long messages) => Interlocked.Add(ref _evicted, messages);

    public void Damage(long messages) => Interlocked.Add(ref _damaged, messages);

    public void Drop(ulong messages, string reason)
    {
        lock (_gate)
        {
            _drops.TryGetValue(reason, out ulong before);
            _drops[reason] = before + messages;
        }
    }

    /// <summary>Accepted messages that could not be kept after all: they change sides.</summary>
    public void DropAccepted(long messages, string reason)
    {
        Interlocked.Add(ref _accepted, -messages);
        Drop((ulong)messages, reason);
    }

    public TopicLedger Summary()
    {
        // Ends are read before the beginning, so that a message is never seen ended and not accepted.
        ulong delivered = Read(ref _delivered), evicted = Read(ref _evicted), damaged = Read(ref _damaged);
        lock (_gate)
        {
            return new TopicLedger(
                Topic, lane, Read(ref _accepted), delivered, evicted, damaged,
                _drops.ToFrozenDictionary(StringComparer.Ordinal));
        }
    }

    private static ulong Read(ref long count) => (ulong)Volatile.Read(ref count);
}
