namespace AvSdk.Mcap;

/// <summary>
/// The memory of one cursor: who is loaded, how much that takes, and who goes when it is too much.
/// </summary>
internal sealed class UnitMemory(long bytesMax)
{
    // What a unit costs besides its bytes, so that a million tiny ones are bounded too.
    private const int UnitBytes = 512;

    private readonly List<ReadUnit> _loaded = [];
    private int _gone;

    /// <summary>Bytes held now.</summary>
    public long Held { get; private set; }

    /// <summary>The most bytes ever held at once.</summary>
    public long HeldMax { get; private set; }

    /// <summary>Units that were let go before they were used up.</summary>
    public long LetGo { get; private set; }

    /// <summary>Whether something is let go that will have to be loaded again.</summary>
    public bool IsShort => _gone > 0;

    /// <summary>Bytes left within the bound; negative when it is passed.</summary>
    public long Free => bytesMax - Held;

    /// <summary>Whether so many bytes more are within the bound.</summary>
    public bool Fits(long bytes) => bytes <= Free;

    /// <summary>Lets units go until so many bytes fit, or none is left.</summary>
    public void MakeRoom(long bytes)
    {
        while (_loaded.Count > 0 && !Fits(bytes))
            LetFurthestGo();
    }

    /// <summary>Counts bytes that are about to be rented.</summary>
    public void Add(long bytes)
    {
        Held += bytes;
        HeldMax = Math.Max(HeldMax, Held);
    }

    /// <summary>Counts bytes that were given back.</summary>
    public void Remove(long bytes) => Held -= bytes;

    /// <summary>A unit was loaded, its key is that of its next message; the others may have to go for it.</summary>
    public void Enter(ReadUnit unit, LoadedUnit loaded)
    {
        if (unit.IsLetGo)
            _gone--;
        unit.IsLetGo = false;
        unit.Loaded = loaded;
        _loaded.Add(unit);
        Add(loaded.RentedBytes + UnitBytes);
        while (_loaded.Count > 1 && !Fits(0))
            LetFurthestGo();
    }

    /// <summary>A unit is used up.</summary>
    public void Leave(ReadUnit unit) => LeaveAt(_loaded.IndexOf(unit));

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        while (_loaded.Count > 0)
            LeaveAt(_loaded.Count - 1);
    }

    private void LetFurthestGo()
    {
        int furthest = 0;
        for (int i = 1; i < _loaded.Count; i++)
        {
            if (_loaded[i].Key.CompareTo(_loaded[furthest].Key) > 0)
                furthest = i;
        }

        _loaded[furthest].IsLetGo = true;
        LeaveAt(furthest);
        LetGo++;
        _gone++;
    }

    private void LeaveAt(int index)
    {
        ReadUnit unit = _loaded[index];
        _loaded[index] = _loaded[^1];
        _loaded.RemoveAt(_loaded.Count - 1);
        LoadedUnit loaded = unit.Loaded!;
        unit.Loaded = null;
        Remove(loaded.RentedBytes + UnitBytes);
        loaded.Dispose();
    }
}
