using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Chunking;

/// <summary>A lane up to the spool: its groups, and the order in which their chunks are closed.</summary>
internal sealed class LaneChunker(
    LaneOptions options, TimeProvider time, MemoryBudget memory, ChunkBufferPool pool, ChunkCompressor compressor,
    LaneSpool spool)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChunkGroup> _named = new(StringComparer.Ordinal);
    private LaneOptions _options = options;
    private ChunkGroup[] _groups = [];
    private ChunkGroup? _byRate;
    private volatile bool _isStopped;
    private ulong _latestLogTime;

    /// <summary>Those in force; chunks that are open keep the time they have.</summary>
    public LaneOptions Options
    {
        get => Volatile.Read(ref _options);
        set => Volatile.Write(ref _options, value);
    }

    public TimeProvider Time { get; } = time;

    public MemoryBudget Memory { get; } = memory;

    public ChunkBufferPool Pool { get; } = pool;

    public LaneSpool Spool { get; } = spool;

    public bool IsStopped => _isStopped;

    /// <summary>
    /// The group where a channel begins: of the rule's name, else the one of small channels.
    /// </summary>
    public ChunkGroup FirstGroup(string? name)
    {
        lock (_gate)
        {
            if (name is null)
                return _byRate ??= Add(isByRate: true);
            if (!_named.TryGetValue(name, out ChunkGroup? group))
                _named.Add(name, group = Add(isByRate: false));
            return group;
        }
    }

    public ChunkGroup NewGroup(bool isByRate)
    {
        lock (_gate)
            return Add(isByRate);
    }

    public bool TryTakeQuota(long bytes) => Spool.Quota.TryTake(bytes);

    public void ReturnQuota(long bytes) => Spool.Quota.Return(bytes);

    /// <summary>The end of the first mark's window that is not over at a log time.</summary>
    public ulong WindowEnd(ulong logTime) => Spool.Marks.EndAfter(logTime);

    /// <summary>The latest log time so far; 0: there was no message.</summary>
    public ulong LatestLogTime()
    {
        ulong latest = Volatile.Read(ref _latestLogTime);
        foreach (ChunkGroup group in Volatile.Read(ref _groups))
            latest = Math.Max(latest, group.LatestLogTime());
        return latest;
    }

    /// <summary>
    /// There is another window: chunks that reach behind its end are closed, others when they would.
    /// </summary>
    public void NoteMark(ulong first, ulong last)
    {
        foreach (ChunkGroup group in Volatile.Read(ref _groups))
            group.NoteMark(first, last);
    }

    /// <summary>A window is over by the clock: chunks that hold something of it are closed.</summary>
    public void CloseWindow(ulong first, ulong last)
    {
        foreach (ChunkGroup group in Volatile.Read(ref _groups))
            group.CloseWindow(first, last);
    }

    /// <summary>Takes a closed chunk: from here on its place in the lane is fixed.</summary>
    public void Take(ClosedChunk chunk)
    {
        lock (_gate)
        {
            _latestLogTime = Math.Max(_latestLogTime, chunk.LastLogTime);
            compressor.TryAdd(chunk);
            Spool.Add(chunk);
        }
    }

    /// <summary>Closes every builder that holds at least so many bytes of records.</summary>
    public void CloseAll(int recordBytesMin)
    {
        foreach (ChunkGroup group in Volatile.Read(ref _groups))
        {
            if (recordBytesMin == 0 || group.RecordBytes >= recordBytesMin)
                group.Close();
        }
    }

    /// <summary>Refuses messages from now on and closes all builders.</summary>
    public void Stop()
    {
        _isStopped = true;
        CloseAll(0);
        foreach (ChunkGroup group in Volatile.Read(ref _groups))
            group.Dispose();
    }

    private ChunkGroup Add(bool isByRate)
    {
        ChunkGroup group = new(this, isByRate);
        Volatile.Write(ref _groups, [.. _groups, group]);
        return group;
    }
}
