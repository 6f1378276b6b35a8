using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Ledger;

/// <summary>The ledgers of a spool: of the recording that goes on and of earlier ones. Safe for any number of threads.</summary>
internal sealed class SpoolLedgers(LedgerPorts ports) : IDisposable
{
    /// <summary>Ledgers of which nothing else is left and that no gateway has taken: the oldest go above this.</summary>
    public const long KeptBytesMax = 64 << 20;

    // A small file takes its blocks and its name too.
    private const long FileBytesLeast = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, SpoolLedger> _ledgers = [];
    private IReadOnlyList<SpoolRecording>? _toTell;

    public LedgerPorts Ports => ports;

    /// <summary>The ledger of the recording that begins.</summary>
    public SpoolLedger Begin(SpoolRecording recording, Action<LedgerTally> collect) =>
        Add(SpoolLedger.Begin(ports, recording, collect));

    /// <summary>The ledger that an earlier run left of its recording, or an empty one.</summary>
    public SpoolLedger Open(SpoolRecording recording) => Find(recording.Id) ?? Add(SpoolLedger.Open(ports, recording));

    public SpoolLedger? Find(Guid recordingId)
    {
        lock (_gate)
            return _ledgers.GetValueOrDefault(recordingId);
    }

    /// <summary>A chunk ended.</summary>
    public void NoteEnd(SpoolChunk chunk, ChunkHeader? header) =>
        Find(chunk.Segment.Recording.Id)?.NoteEnd(
            chunk.Segment.Lane.Name, chunk.Sequence, chunk.End, chunk.EndReason, header);

    public void Write(LedgerDue due)
    {
        foreach (SpoolLedger ledger in All())
            ledger.TryWrite(due);
        Touch();
    }

    /// <summary>What there is to tell may have changed.</summary>
    public void Touch() => Volatile.Write(ref _toTell, null);

    /// <summary>Nothing is left of the recording but its ledger, and that was told, or there is none.</summary>
    public bool MayForget(Guid recordingId) => Find(recordingId)?.IsTold != false;

    /// <summary>The recording is forgotten.</summary>
    public void Remove(Guid recordingId)
    {
        SpoolLedger? ledger;
        lock (_gate)
            _ledgers.Remove(recordingId, out ledger);
        ledger?.Remove();
        Touch();
    }

    /// <summary>
    /// Of ledgers whose recordings have nothing else left, the oldest that are over <see cref="KeptBytesMax"/> together;
    /// so at most 1024 stay.
    /// </summary>
    public IReadOnlyList<SpoolRecording> Prunable(Func<SpoolRecording, bool> isEmpty)
    {
        List<SpoolRecording> prunable = [];
        long bytes = 0;
        foreach (SpoolLedger ledger in Enumerable.Reverse(All()))
        {
            if (!isEmpty(ledger.Recording) || ledger.DurableBytes == 0)
                continue;
            bytes += Math.Max(ledger.DurableBytes, FileBytesLeast);
            if (bytes > KeptBytesMax)
                prunable.Add(ledger.Recording);
        }

        return prunable;
    }

    /// <summary>Another session with a gateway.</summary>
    public void BeginSession()
    {
        foreach (SpoolLedger ledger in All())
            ledger.BeginSession();
        Touch();
    }

    /// <summary>Recordings of whose ledger a gateway is to be told. Asked before every part: so it is kept.</summary>
    public IReadOnlyList<SpoolRecording> ToTell()
    {
        if (Volatile.Read(ref _toTell) is { } known)
            return known;
        // Before it is read: what changes meanwhile is read the next time.
        IReadOnlyList<SpoolRecording> none = [];
        Volatile.Write(ref _toTell, none);
        IReadOnlyList<SpoolRecording> found =
            [.. All().Where(static ledger => ledger.HasToTell).Select(static ledger => ledger.Recording)];
        Interlocked.CompareExchange(ref _toTell, found, none);
        return found;
    }

    /// <summary>There is nothing to wait for of these recordings.</summary>
    public bool AllAreTold(Func<SpoolRecording, bool> which) =>
        All().All(ledger => !which(ledger.Recording) || ledger.IsToldOrRefused);

    public void Dispose()
    {
        foreach (SpoolLedger ledger in All())
            ledger.Dispose();
    }

    // Oldest first.
    private SpoolLedger[] All()
    {
        lock (_gate)
            return [.. _ledgers.Values.OrderBy(
                static ledger => ledger.Recording.Id, Comparer<Guid>.Create(RecordingIds.Compare))];
    }

    private SpoolLedger Add(SpoolLedger ledger)
    {
        lock (_gate)
        {
            if (!_ledgers.TryAdd(ledger.Recording.Id, ledger))
                ledger = _ledgers[ledger.Recording.Id];
        }

        Touch();
        return ledger;
    }
}
