namespace AvSdk.Mcap;

/// <summary>
/// Finds each channel's latest message before a time: walks the units from the latest back and stops with a
/// channel as soon as no unit left can have a later one. Does no I/O: it says which unit it has to see.
/// </summary>
internal sealed class LatestSearch
{
    private readonly UnitMemory _memory;
    private readonly UnitSelection _selection;
    private readonly ushort[] _channels;
    private readonly List<ReadUnit> _units;
    private readonly Dictionary<ushort, Found> _found = [];
    private int _next;

    /// <param name="units">Those that can hold something wanted.</param>
    /// <param name="selection">In log-time order, to before the time.</param>
    /// <param name="memory">Where loaded units are kept.</param>
    public LatestSearch(List<ReadUnit> units, UnitSelection selection, UnitMemory memory)
    {
        _memory = memory;
        _selection = selection;
        _channels = [.. selection.Channels];
        _units = units;
        _units.Sort((a, b) => LatestIn(b).CompareTo(LatestIn(a)));
    }

    /// <summary>The unit to look at next; null when everything is found.</summary>
    public ReadUnit? Next()
    {
        while (_next < _units.Count && !CanHoldLater(_units[_next]))
            _next++;
        return _next < _units.Count ? _units[_next] : null;
    }

    /// <summary>Looks at the unit that was wanted.</summary>
    public void Take(ReadUnit unit, LoadedUnit loaded)
    {
        _next++;
        bool isBest = false;
        while (loaded.HasNext)
        {
            loaded.Advance();
            McapMessageView message = loaded.Current;
            Found found = new(new UnitKey(message.LogTime, unit.Number), loaded.CurrentOffset, unit);
            if (_found.TryGetValue(message.ChannelId, out Found best) && found.Key.CompareTo(best.Key) < 0)
                continue;
            _found[message.ChannelId] = found;
            isBest = true;
        }

        if (isBest)
            _memory.Enter(unit, loaded);
        else
            loaded.Dispose();
    }

    /// <summary>What was found, for giving it in log-time order.</summary>
    public UnitMerge ToMerge()
    {
        List<ReadUnit> begun = [];
        foreach (IGrouping<ReadUnit, Found> group in _found.Values.GroupBy(found => found.Unit))
        {
            ReadUnit unit = group.Key;
            unit.Key = group.Min(found => found.Key);
            unit.Only = [.. group.Select(found => found.Offset).Order()];
            unit.Loaded?.Keep(unit.Only);
            begun.Add(unit);
        }

        foreach (ReadUnit unit in _units.Where(unit => unit.Loaded is not null && unit.Only is null))
            _memory.Leave(unit);
        return new UnitMerge([], begun, McapOrder.LogTime, _memory);
    }

    private UnitKey LatestIn(ReadUnit unit) => new(Math.Min(unit.EndTime, _selection.LastTime), unit.Number);

    private bool CanHoldLater(ReadUnit unit)
    {
        UnitKey latest = LatestIn(unit);
        foreach (ushort channel in unit.Channels ?? _channels)
        {
            if (_selection.Wants(channel)
                && (!_found.TryGetValue(channel, out Found best) || latest.CompareTo(best.Key) > 0))
                return true;
        }

        return false;
    }

    private readonly record struct Found(UnitKey Key, int Offset, ReadUnit Unit);
}
