
namespace AvSdk.Mcap;

/// <summary>
/// The messages of a query, one after the other. A chunk is read when its time comes and given back when it
/// is used up: memory holds those that overlap, no more.
/// </summary>
/// <remarks>One thread at a time. The message at hand is borrowed until the next move.</remarks>
public sealed class McapMessageCursor : IDisposable
{
    private readonly IMcapSource _source;
    private readonly McapReadOptions _options;
    private readonly Definitions _definitions;
    private readonly UnitSelection _selection;
    private readonly List<Unit> _units = [];
    private readonly PriorityQueue<LoadedUnit, (ulong LogTime, int Number)> _loaded = new();
    private int _nextUnit;
    private LoadedUnit? _current;
    private (ulong LogTime, int Number) _currentUntil;

    internal McapMessageCursor(
        IMcapSource source, McapReadOptions options, FileContents contents, McapQuery query)
    {
        _source = source;
        _options = options;
        _definitions = contents.Definitions;
        _selection = new UnitSelection(contents.Definitions, query);
        foreach (McapChunkIndex chunk in contents.Chunks)
        {
            bool known = chunk.MessageIndexOffsets.Count > 0;
            if (_selection.Wants(
                chunk.MessageStartTime, chunk.MessageEndTime, chunk.MessageIndexOffsets.Keys, known))
            {
                _units.Add(new Unit(chunk.MessageStartTime, (long)chunk.ChunkStartOffset, chunk, null));
            }
        }

        foreach (McapScannedRun run in contents.Runs)
        {
            if (_selection.Wants(run.MessageStartTime, run.MessageEndTime, run.Messages.Keys, true))
                _units.Add(new Unit(run.MessageStartTime, run.Offset, null, run));
        }

        _units.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        for (int i = 0; i < _units.Count; i++)
            _units[i] = _units[i] with { Number = i };
        if (_selection.ByLogTime)
            _units.Sort((a, b) => (a.StartTime, a.Number).CompareTo((b.StartTime, b.Number)));
    }

    private enum Step
    {
        Message,
        Load,
        End,
    }

    /// <summary>The message at hand; only after a move that returned true.</summary>
    public McapMessageView Current => (_current ?? throw NothingAtHand()).Current;

    /// <summary>The channel of the message at hand.</summary>
    public McapChannel Channel => _definitions.Channel(Current.ChannelId)!;

    /// <summary>Goes to the next message; false at the end.</summary>
    /// <exception cref="McapException">The bytes of a chunk are not good.</exception>
    public bool MoveNext()
    {
        while (true)
        {
            Step step = TakeStep();
            if (step != Step.Load)
                return step == Step.Message;
            Unit unit = _units[_nextUnit++];
            using ChunkLoad load = Begin(unit);
            load.CheckRead(_source.ReadAt(load.Offset, load.Target.Span));
            Take(load, unit);
        }
    }

    /// <summary>As <see cref="MoveNext"/>; completes at once while the message is in memory.</summary>
    /// <exception cref="McapException">The bytes of a chunk are not good.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        Step step = TakeStep();
        return step == Step.Load ? LoadAndMoveAsync(cancellationToken)
            : new ValueTask<bool>(step == Step.Message);
    }

    /// <summary>Gives the chunks in memory back.</summary>
    public void Dispose()
    {
        _current?.Dispose();
        _current = null;
        while (_loaded.TryDequeue(out LoadedUnit? unit, out _))
            unit.Dispose();
        _nextUnit = _units.Count;
    }

    private static InvalidOperationException NothingAtHand() =>
        new("There is no message at hand: call MoveNext first, and stop when it returns false.");

    private async ValueTask<bool> LoadAndMoveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Unit unit = _units[_nextUnit++];
            using (ChunkLoad load = Begin(unit))
            {
                load.CheckRead(await _source
                    .ReadAtAsync(load.Offset, load.Target, cancellationToken).ConfigureAwait(false));
                Take(load, unit);
            }

            Step step = TakeStep();
            if (step != Step.Load)
                return step == Step.Message;
        }
    }

    private Step TakeStep()
    {
        if (_current is not null)
        {
            if (_current.HasNext && KeyOf(_current).CompareTo(_currentUntil) < 0)
            {
                _current.Advance();
                return Step.Message;
            }

            PutBack(_current);
            _current = null;
        }

        bool isLoaded = _loaded.TryPeek(out _, out (ulong LogTime, int Number) first);
        if (_nextUnit < _units.Count
            && (!isLoaded || (_selection.ByLogTime && _units[_nextUnit].StartTime <= first.LogTime)))
        {
            return Step.Load;
        }

        if (!isLoaded)
            return Step.End;
        _current = _loaded.Dequeue();
        _currentUntil = UntilOthers();
        _current.Advance();
        return Step.Message;
    }

    // Up to where the current unit can go on without a look at the others.
    private (ulong LogTime, int Number) UntilOthers()
    {
        (ulong LogTime, int Number) until = (ulong.MaxValue, int.MaxValue);
        if (_loaded.TryPeek(out _, out (ulong LogTime, int Number) other))
            until = other;
        if (_selection.ByLogTime && _nextUnit < _units.Count)
        {
            (ulong, int) next = (_units[_nextUnit].StartTime, -1);
            if (next.CompareTo(until) < 0)
                until = next;
        }

        return until;
    }

    private ChunkLoad Begin(Unit unit) => unit.Run is not null
        ? ChunkLoad.Of(unit.Run, _options)
        : ChunkLoad.Of(unit.Chunk!, _source.Length, _options);

    private void Take(ChunkLoad load, Unit unit) =>
        PutBack(LoadedUnit.Select(load.Decompress(), _selection, unit.Number, unit.Offset));

    private void PutBack(LoadedUnit unit)
    {
        if (unit.HasNext)
            _loaded.Enqueue(unit, KeyOf(unit));
        else
            unit.Dispose();
    }

    private (ulong LogTime, int Number) KeyOf(LoadedUnit unit) =>
        (_selection.ByLogTime ? unit.NextLogTime : 0, unit.Number);

    private readonly record struct Unit(ulong StartTime, long Offset, McapChunkIndex? Chunk,
        McapScannedRun? Run)
    {
        public int Number { get; init; }
    }
}
