using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>
/// Messages of a channel that were not taken, by reason; and of those, what the agent has not been told.
/// </summary>
internal sealed class LossCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Count> _counts = [];
    private volatile bool _hasUntold;

    public bool HasUntold => _hasUntold;

    public static string ReasonOf(WriteResult result) => result switch
    {
        WriteResult.DroppedMemoryFull => "memory_full",
        WriteResult.DroppedSpoolFull => "spool_full",
        WriteResult.DroppedTooLarge => "too_large",
        _ => "stopped",
    };

    public void Add(ulong messages, string reason)
    {
        lock (_gate)
        {
            Count count = _counts.GetValueOrDefault(reason);
            _counts[reason] = count with { All = count.All + messages };
            _hasUntold = true;
        }
    }

    /// <summary>Counts what the agent knows of.</summary>
    public void AddTold(ulong messages, string reason)
    {
        lock (_gate)
        {
            Count count = _counts.GetValueOrDefault(reason);
            _counts[reason] = new Count(count.All + messages, count.Told + messages);
        }
    }

    /// <summary>What to tell the agent; <see cref="SetTold"/> when it was sent.</summary>
    public IReadOnlyList<(string Reason, ulong Messages)> Untold()
    {
        lock (_gate)
        {
            List<(string, ulong)> untold = [];
            foreach ((string reason, Count count) in _counts)
            {
                if (count.All > count.Told)
                    untold.Add((reason, count.All - count.Told));
            }

            return untold;
        }
    }

    /// <summary>What <see cref="Untold"/> gave was sent.</summary>
    public void SetTold(IReadOnlyList<(string Reason, ulong Messages)> told)
    {
        lock (_gate)
        {
            foreach ((string reason, ulong messages) in told)
                _counts[reason] = _counts[reason] with { Told = _counts[reason].Told + messages };
            _hasUntold = _counts.Values.Any(static count => count.All > count.Told);
        }
    }

    public IReadOnlyDictionary<string, ulong> ToDictionary()
    {
        lock (_gate)
            return _counts.ToDictionary(static pair => pair.Key, static pair => pair.Value.All);
    }

    private readonly record struct Count(ulong All, ulong Told);
}
