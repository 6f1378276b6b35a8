using AvSdk.Recording;

namespace AvSdk.Simulation.Workload;

/// <summary>What one recording was offered of one topic, and what it promised.</summary>
internal sealed class LifeTopic(Topic topic)
{
    private readonly SortedDictionary<string, ulong> _drops = new(StringComparer.Ordinal);

    public Topic Topic { get; } = topic;

    /// <summary>Ordinals in the order in which they were accepted, with when.</summary>
    public List<(int Ordinal, TimeSpan At)> Accepted { get; } = [];

    /// <summary>So many of <see cref="Accepted"/> were promised to survive whatever comes.</summary>
    public int PromisedCount { get; private set; }

    /// <summary>So many survive as long as the machine keeps its power.</summary>
    public int HeldCount { get; private set; }

    /// <summary>Refused, by the word that the ledger has for it.</summary>
    public IReadOnlyDictionary<string, ulong> Drops => _drops;

    public void Drop(WriteResult result)
    {
        string reason = result switch
        {
            WriteResult.DroppedMemoryFull => "memory_full",
            WriteResult.DroppedSpoolFull => "spool_full",
            WriteResult.DroppedTooLarge => "too_large",
            _ => "stopped",
        };
        _drops[reason] = _drops.GetValueOrDefault(reason) + 1;
    }

    public void Promise(int count) => PromisedCount = Math.Max(PromisedCount, count);

    public void Hold(int count) => HeldCount = Math.Max(HeldCount, count);
}
