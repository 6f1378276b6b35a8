namespace AvSdk.Mcap;

/// <summary>
/// The messages of a query, one after the other. A chunk is read when its time comes and given back when it
/// is used up: memory holds those that overlap, within <see cref="McapReadOptions.BufferBytesMax"/>.
/// </summary>
/// <remarks>One thread at a time. The message at hand is borrowed until the next move.</remarks>
public sealed class McapMessageCursor : IDisposable, IAsyncDisposable
{
    private readonly Definitions _definitions;
    private readonly UnitLoader _loader;
    private readonly LoadAhead? _ahead;
    private LatestSearch? _search;
    private UnitMerge _merge;
    private LoadedUnit? _current;
    private bool _disposed;

    internal McapMessageCursor(
        IMcapSource source, McapReadOptions options, FileContents contents, McapQuery query, bool latestOnly = false)
    {
        UnitSelection selection = new(contents.Definitions, query);
        List<ReadUnit> units = selection.UnitsOf(contents);
        _definitions = contents.Definitions;
        _loader = new UnitLoader(source, options, selection);
        Memory = new UnitMemory(options.BufferBytesMax);
        _ahead = LoadAhead.For(source, options, _loader, Memory);
        _search = latestOnly ? new LatestSearch(units, selection, Memory) : null;
        _merge = new UnitMerge(latestOnly ? [] : units, [], query.Order, Memory);
    }

    /// <summary>The message at hand; only after a move that returned true.</summary>
    public McapMessageView Current => (_current ?? throw NothingAtHand()).Current;

    /// <summary>The channel of the message at hand.</summary>
    public McapChannel Channel => _definitions.Channel(Current.ChannelId)!;

    internal UnitMemory Memory { get; }

    /// <summary>
    /// Goes to the next message; false at the end. After an exception the next call tries the same again.
    /// </summary>
    /// <exception cref="McapException">The bytes of a chunk are not good.</exception>
    public bool MoveNext()
    {
        while (true)
        {
            MergeStep step = Next(out ReadUnit unit);
            if (step != MergeStep.Load)
                return step == MergeStep.Message;
            Take(unit, Load(unit));
        }
    }

    /// <summary>As <see cref="MoveNext"/>; completes at once while the message is in memory.</summary>
    /// <exception cref="McapException">The bytes of a chunk are not good.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        MergeStep step = Next(out ReadUnit unit);
        return step == MergeStep.Load
            ? LoadAndMoveAsync(unit, cancellationToken)
            : new ValueTask<bool>(step == MergeStep.Message);
    }

    /// <summary>Gives the chunks in memory back; waits for those that are being read ahead.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ahead?.Dispose();
        Clear();
    }

    /// <summary>As <see cref="Dispose"/>, awaiting.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_ahead is not null)
            await _ahead.DisposeAsync().ConfigureAwait(false);
        Clear();
    }

    private static InvalidOperationException NothingAtHand() =>
        new("There is no message at hand: call MoveNext first, and stop when it returns false.");

    private async ValueTask<bool> LoadAndMoveAsync(ReadUnit unit, CancellationToken cancellationToken)
    {
        MergeStep step = MergeStep.Load;
        while (step == MergeStep.Load)
        {
            Take(unit, await LoadAsync(unit, cancellationToken).ConfigureAwait(false));
            step = Next(out unit);
        }

        return step == MergeStep.Message;
    }

    private MergeStep Next(out ReadUnit unit)
    {
        if (_search is not null)
        {
            unit = _search.Next()!;
            if (unit is not null)
                return MergeStep.Load;
            _merge = _search.ToMerge();
            _search = null;
        }

        MergeStep step = _merge.Next(out unit);
        _current = _merge.Current?.Loaded;
        return step;
    }

    private LoadedUnit Load(ReadUnit unit)
    {
        if (_ahead is not null)
        {
            LoadAhead.Await(_ahead.Begin(unit, _merge.Waiting));
            return _ahead.Take(unit);
        }

        long bytes = BeginLoad(unit);
        try
        {
            return _loader.Read(unit);
        }
        finally
        {
            Memory.Remove(bytes);
        }
    }

    private async ValueTask<LoadedUnit> LoadAsync(ReadUnit unit, CancellationToken cancellationToken)
    {
        if (_ahead is not null)
        {
            await _ahead.Begin(unit, _merge.Waiting).WaitAsync(cancellationToken).ConfigureAwait(false);
            return _ahead.Take(unit);
        }

        long bytes = BeginLoad(unit);
        try
        {
            return await _loader.ReadAsync(unit, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Memory.Remove(bytes);
        }
    }

    private long BeginLoad(ReadUnit unit)
    {
        long bytes = _loader.BytesToRent(unit);
        Memory.MakeRoom(bytes);
        Memory.Add(bytes);
        return bytes;
    }

    private void Clear()
    {
        _current = null;
        _search = null;
        _merge.Clear();
        Memory.Clear();
    }

    private void Take(ReadUnit unit, LoadedUnit loaded)
    {
        if (_search is not null)
            _search.Take(unit, loaded);
        else
            _merge.Take(unit, loaded);
    }
}
