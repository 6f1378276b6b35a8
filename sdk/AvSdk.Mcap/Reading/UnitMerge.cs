namespace AvSdk.Mcap;

/// <summary>What a cursor does next.</summary>
internal enum MergeStep
{
    Message,
    Load,
    End,
}

/// <summary>
/// Puts the messages of a query's units in order. Does no I/O: it says which unit has to be in memory next.
/// </summary>
/// <remarks>
/// Invariant: every unit has a key that nothing left in it comes before, exact once it was loaded. The unit with
/// the least key goes first; if it is not in memory, it is loaded, and either a message comes of it or its key
/// becomes exact: so it ends, however often units are let go.
/// </remarks>
internal sealed class UnitMerge
{
    private readonly UnitMemory _memory;
    private readonly McapOrder _order;
    private readonly List<ReadUnit> _waiting;
    private readonly PriorityQueue<ReadUnit, UnitKey> _begun = new();
    private int _nextWaiting;
    private UnitKey _until;

    /// <param name="waiting">Units not loaded so far.</param>
    /// <param name="begun">Units with exact keys, in memory or not.</param>
    /// <param name="order">As the keys were made for.</param>
    /// <param name="memory">Where loaded units are kept.</param>
    public UnitMerge(List<ReadUnit> waiting, IEnumerable<ReadUnit> begun, McapOrder order, UnitMemory memory)
    {
        _memory = memory;
        _order = order;
        _waiting = waiting;
        _waiting.Sort((a, b) => a.Key.CompareTo(b.Key));
        foreach (ReadUnit unit in begun)
            _begun.Enqueue(unit, unit.Key);
    }

    /// <summary>The unit whose message is at hand; null when none is.</summary>
    public ReadUnit? Current { get; private set; }

    /// <summary>Units not loaded so far, in the order in which they will be.</summary>
    public ReadOnlySpan<ReadUnit> Waiting =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_waiting)[_nextWaiting..];

    /// <summary>Goes to the next message, or says which unit it needs for that.</summary>
    public MergeStep Next(out ReadUnit wanted)
    {
        wanted = null!;
        if (Current is ReadUnit current)
        {
            LoadedUnit loaded = current.Loaded!;
            if (loaded.HasNext && KeyOf(current, loaded).CompareTo(_until) < 0)
                return Give(current);
            Current = null;
            PutBack(current);
        }

        bool isBegun = _begun.TryPeek(out ReadUnit? first, out UnitKey firstKey);
        if (_nextWaiting < _waiting.Count && (!isBegun || _waiting[_nextWaiting].Key.CompareTo(firstKey) < 0))
        {
            wanted = _waiting[_nextWaiting];
            return MergeStep.Load;
        }

        if (!isBegun)
            return MergeStep.End;
        if (first!.Loaded is null)
        {
            wanted = first;
            return MergeStep.Load;
        }

        Current = _begun.Dequeue();
        _until = UntilOthers();
        return Give(Current);
    }

    /// <summary>Takes the unit that was wanted; until then <see cref="Next"/> wants it again.</summary>
    public void Take(ReadUnit unit, LoadedUnit loaded)
    {
        loaded.Skip(unit.Given);
        if (_begun.TryPeek(out ReadUnit? first, out _) && first == unit)
        {
            if (!loaded.HasNext || KeyOf(unit, loaded) != unit.Key)
            {
                loaded.Dispose();
                throw new McapException(new McapError(McapErrorKind.IndexMismatch, unit.Offset,
                    "the same messages as when the chunk was read before", "others: the file changed"));
            }

            _begun.Dequeue();
        }
        else
        {
            _nextWaiting++;
        }

        if (!loaded.HasNext)
        {
            loaded.Dispose();
            return;
        }

        unit.Key = KeyOf(unit, loaded);
        _begun.Enqueue(unit, unit.Key);
        _memory.Enter(unit, loaded);
    }

    /// <summary>Ends it: there is nothing more.</summary>
    public void Clear()
    {
        Current = null;
        _begun.Clear();
        _nextWaiting = _waiting.Count;
    }

    private static MergeStep Give(ReadUnit unit)
    {
        unit.Loaded!.Advance();
        unit.Given++;
        return MergeStep.Message;
    }

    private void PutBack(ReadUnit unit)
    {
        LoadedUnit loaded = unit.Loaded!;
        if (!loaded.HasNext)
        {
            _memory.Leave(unit);
            return;
        }

        unit.Key = KeyOf(unit, loaded);
        _begun.Enqueue(unit, unit.Key);
    }

    // Up to where the current unit can go on without a look at the others.
    private UnitKey UntilOthers()
    {
        UnitKey until = _begun.TryPeek(out _, out UnitKey other) ? other : UnitKey.Last;
        return _nextWaiting < _waiting.Count && _waiting[_nextWaiting].Key.CompareTo(until) < 0
            ? _waiting[_nextWaiting].Key
            : until;
    }

    private UnitKey KeyOf(ReadUnit unit, LoadedUnit loaded) =>
        UnitKey.Of(_order, _order == McapOrder.File ? 0 : loaded.NextLogTime, unit.Number);
}
