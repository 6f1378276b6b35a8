namespace AvSdk.Mcap;

/// <summary>
/// Loads units by the thread pool: the one that is needed, and some that will be; remote ones by merged reads.
/// Memory is counted on the cursor's thread, before a load is begun and after it was taken.
/// </summary>
internal sealed class LoadAhead : IAsyncDisposable
{
    private readonly IMcapSource _source;
    private readonly McapReadOptions _options;
    private readonly UnitLoader _loader;
    private readonly UnitMemory _memory;
    private readonly int _ahead;
    private readonly List<ReadUnit> _begun = [];
    private readonly CancellationTokenSource _stop = new();
    private long _reservedBytes;

    private LoadAhead(
        IMcapSource source, McapReadOptions options, UnitLoader loader, UnitMemory memory, int ahead)
    {
        _source = source;
        _options = options;
        _loader = loader;
        _memory = memory;
        _ahead = ahead;
    }

    /// <summary>Null where units are best loaded on the caller's thread.</summary>
    public static LoadAhead? For(
        IMcapSource source, McapReadOptions options, UnitLoader loader, UnitMemory memory)
    {
        int ahead = options.ReadAhead ?? (source is IMcapRemoteSource ? 2 : 0);
        ArgumentOutOfRangeException.ThrowIfNegative(ahead, nameof(options));
        return ahead > 0 || source is IMcapRemoteSource
            ? new LoadAhead(source, options, loader, memory, ahead)
            : null;
    }

    /// <summary>
    /// Begins loading a unit that is needed now, and then those that will be: while nothing had to be let go, and
    /// within half of the memory, so that the other half stays for what is needed.
    /// </summary>
    /// <returns>Completes when the unit can be taken; never fails.</returns>
    public Task Begin(ReadUnit unit, ReadOnlySpan<ReadUnit> waiting)
    {
        ReadOnlySpan<ReadUnit> next = waiting.Length > 0 && waiting[0] == unit ? waiting[1..] : waiting;
        if (unit.Ahead is null)
        {
            _memory.MakeRoom(BytesToRent(unit));
            Merge(unit, waiting, _memory.Free - _loader.BytesToRent(unit, isRead: false));
            Load(unit);
        }

        for (int i = 0; i < Math.Min(_ahead, next.Length); i++)
        {
            if (next[i].Ahead is not null)
                continue;
            long bytes = BytesToRent(next[i]);
            if (_memory.IsShort || !_memory.Fits(bytes) || _reservedBytes + bytes > _options.BufferBytesMax / 2
                || !TryMergeAhead(next[i..]))
                break;
            Load(next[i]);
        }

        return unit.Ahead!.Done;
    }

    /// <summary>Takes the unit, when its load is done; what went wrong is thrown, and tried again next time.</summary>
    public LoadedUnit Take(ReadUnit unit)
    {
        AheadLoad load = unit.Ahead!;
        Forget(unit);
        _begun.Remove(unit);
        return load.Take();
    }

    /// <summary>Stops what is going on and waits for it, on the caller's thread.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (ReadUnit unit in _begun)
            Await(TaskOf(unit));
        Clear();
    }

    /// <summary>Stops what is going on and awaits it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (ReadUnit unit in _begun)
            await TaskOf(unit).ConfigureAwait(false);
        Clear();
    }

    /// <summary>
    /// Blocks until the task is done. It is run by the pool, captures no context and never fails, so this waits as
    /// for a thread.
    /// </summary>
    public static void Await(Task done) => Task.WaitAny(done);

    private static Task TaskOf(ReadUnit unit) =>
        Task.WhenAll(unit.Ahead?.Done ?? Task.CompletedTask, unit.Merged?.Done ?? Task.CompletedTask);

    private void Load(ReadUnit unit)
    {
        long bytes = BytesToRent(unit);
        _memory.Add(bytes);
        _reservedBytes += bytes;
        if (unit.Merged is null)
            _begun.Add(unit);
        MergedRead? merged = unit.Merged;
        CancellationToken stop = _stop.Token;
        unit.Ahead = AheadLoad.Begin(() => LoadAsync(unit, merged, stop), bytes);
    }

    private async Task<LoadedUnit> LoadAsync(ReadUnit unit, MergedRead? merged, CancellationToken stop)
    {
        if (merged is not null)
        {
            await merged.Done.ConfigureAwait(false);
            if (merged.TrySlice(unit, out McapBytes bytes))
                return _loader.Open(unit, bytes, stop);
        }

        // Also after a merged read that failed: so the error comes where it belongs.
        return await _loader.ReadAsync(unit, stop).ConfigureAwait(false);
    }

    // What a merged read holds is counted with it.
    private long BytesToRent(ReadUnit unit) => _loader.BytesToRent(unit, isRead: unit.Merged is null);

    private bool TryMergeAhead(ReadOnlySpan<ReadUnit> waiting)
    {
        try
        {
            long plainBytes = _loader.BytesToRent(waiting[0], isRead: false);
            Merge(waiting[0], waiting,
                Math.Min(_memory.Free, (_options.BufferBytesMax / 2) - _reservedBytes) - plainBytes);
            return true;
        }
        catch (McapException)
        {
            // Its index lies: that is said when its time comes.
            return false;
        }
    }

    private void Merge(ReadUnit unit, ReadOnlySpan<ReadUnit> waiting, long bytesMax)
    {
        if (_source is not IMcapRemoteSource remote || unit.Merged is not null || waiting.Length == 0
            || waiting[0] != unit || unit.WasTried)
            return;
        int free = 1;
        while (free < waiting.Length && waiting[free].Merged is null && waiting[free].Ahead is null
            && !waiting[free].WasTried)
            free++;
        int count = MergedRead.Count(waiting[..free], remote, _options.Limits,
            Math.Min(bytesMax, _options.BufferBytesMax / 2), out ByteRange range);
        if (count == 1)
            return;
        MergedRead read = MergedRead.Begin(_source, _options.Pool, range, count, _stop.Token);
        _memory.Add(read.Bytes);
        _reservedBytes += read.Bytes;
        foreach (ReadUnit member in waiting[..count])
        {
            member.Merged = read;
            _begun.Add(member);
        }
    }

    private void Forget(ReadUnit unit)
    {
        unit.WasTried = true;
        if (unit.Ahead is AheadLoad load)
        {
            _memory.Remove(load.ReservedBytes);
            _reservedBytes -= load.ReservedBytes;
            unit.Ahead = null;
        }

        if (unit.Merged is MergedRead merged && --merged.UnitsLeft == 0)
        {
            _memory.Remove(merged.Bytes);
            _reservedBytes -= merged.Bytes;
        }

        unit.Merged = null;
    }

    private void Clear()
    {
        foreach (ReadUnit unit in _begun)
        {
            AheadLoad? load = unit.Ahead;
            MergedRead? merged = unit.Merged;
            Forget(unit);
            load?.Discard();
            if (load is null)
                merged?.Release();
        }

        _begun.Clear();
        _stop.Dispose();
    }
}
