using AvSdk.Gateway.Index;
using AvSdk.Recording;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Workload;

namespace AvSdk.Simulation.Car;

/// <summary>How a recorder's life ended.</summary>
internal enum LifeEnd
{
    Goes,
    Stopped,
    Killed,
    PowerCut,
}

/// <summary>One run of a recorder: one recording.</summary>
internal sealed class CarLife(Life life, LocalRecorder recorder, IAsyncDisposable? uplink, TimeSpan startedAt)
{
    private readonly SortedDictionary<string, LifeTopic> _topics = new(StringComparer.Ordinal);

    public Life Life { get; } = life;

    public LocalRecorder Recorder { get; } = recorder;

    /// <summary>To be disposed of after the recorder; null: it need not be.</summary>
    public IAsyncDisposable? Uplink { get; } = uplink;

    public Guid RecordingId { get; } = recorder.RecordingId;

    public TimeSpan StartedAt { get; } = startedAt;

    public LifeEnd End { get; set; }

    public IReadOnlyCollection<LifeTopic> Topics => _topics.Values;

    /// <summary>Somebody stops it in order.</summary>
    public bool IsStopping { get; set; }

    /// <summary>When the disk last failed it; nothing that is timed is promised across.</summary>
    public TimeSpan? DiskFailedAt { get; set; }

    /// <summary>The machine lost power, in this life or later: what was only written may be gone.</summary>
    public bool LostPower { get; set; }

    /// <summary>Messages that it, killed, left in the page cache, where a later life's flush of their chunk failed.</summary>
    public Dictionary<(string Topic, ChunkKey Chunk), ulong> LostFromCache { get; } = [];

    /// <summary>When it ended its disk, which had failed it, held no byte under its name: neither segment nor ledger.</summary>
    public bool LeftNothing { get; set; }

    /// <summary>Its ledger when it ended.</summary>
    public LedgerSummary? LastLedger { get; set; }

    public LifeTopic Of(Topic topic)
    {
        if (!_topics.TryGetValue(topic.Name, out LifeTopic? found))
            _topics.Add(topic.Name, found = new LifeTopic(topic));
        return found;
    }
}
