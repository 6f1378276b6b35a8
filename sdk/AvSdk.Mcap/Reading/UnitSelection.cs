namespace AvSdk.Mcap;

/// <summary>Which units and which messages of them a query wants.</summary>
internal sealed class UnitSelection
{
    private readonly Wish[] _channels;
    private readonly ulong _from;
    private readonly ulong _last;
    private readonly bool _nothing;

    public UnitSelection(Definitions definitions, McapQuery query)
    {
        Order = query.Order;
        _from = query.From;
        _nothing = query.To == 0;
        _last = (query.To ?? 0) - 1;
        HashSet<string>? topics = query.Topics is null ? null : [.. query.Topics];
        _channels = new Wish[definitions.Channels.Count == 0 ? 0 : definitions.Channels.Keys.Max() + 1];
        foreach (McapChannel channel in definitions.Channels.Values)
            _channels[channel.Id] = topics?.Contains(channel.Topic) == false ? Wish.Unwanted : Wish.Wanted;
    }

    private enum Wish : byte
    {
        Unknown,
        Unwanted,
        Wanted,
    }

    public McapOrder Order { get; }

    /// <summary>The latest log time that is wanted.</summary>
    public ulong LastTime => _last;

    /// <summary>The channels that are wanted.</summary>
    public IEnumerable<ushort> Channels =>
        Enumerable.Range(0, _channels.Length).Select(id => (ushort)id).Where(Wants);

    /// <summary>The units that can hold something wanted, by file offset, with their first keys.</summary>
    public List<ReadUnit> UnitsOf(FileContents contents)
    {
        List<ReadUnit> units = new(contents.Chunks.Count + contents.Runs.Count);
        units.AddRange(contents.Chunks.Select(chunk => new ReadUnit(chunk, null)).Where(Wants));
        units.AddRange(contents.Runs.Select(run => new ReadUnit(null, run)).Where(Wants));
        units.Sort((a, b) => ((ulong)a.Offset).CompareTo((ulong)b.Offset));
        for (int i = 0; i < units.Count; i++)
        {
            ReadUnit unit = units[i];
            if (i > 0)
                CheckApart(units[i - 1], unit);
            unit.Number = i;
            unit.Key = UnitKey.Of(Order, Order == McapOrder.ReverseLogTime ? unit.EndTime : unit.StartTime, i);
        }

        return units;
    }

    /// <summary>Whether a message is wanted; its channel not being defined is an error.</summary>
    public bool Wants(in McapMessageView message, out McapError error)
    {
        error = default;
        Wish wish = message.ChannelId < _channels.Length ? _channels[message.ChannelId] : Wish.Unknown;
        if (wish == Wish.Unknown)
            error = DefinitionErrors.UnknownChannel(message.ChannelId);
        return wish == Wish.Wanted && message.LogTime >= _from && message.LogTime <= _last && !_nothing;
    }

    /// <summary>Whether a channel is wanted.</summary>
    public bool Wants(ushort channelId) => channelId < _channels.Length && _channels[channelId] == Wish.Wanted;

    // Else messages would come twice.
    private static void CheckApart(ReadUnit first, ReadUnit second)
    {
        if ((ulong)second.Offset - (ulong)first.Offset < first.Bytes)
        {
            // Their offsets are an index's word, and may be anywhere.
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, 0,
                "chunk indexes that do not overlap",
                $"{first.Bytes} bytes at {first.Offset} and a chunk at {second.Offset}"));
        }
    }

    private bool Wants(ReadUnit unit) =>
        !_nothing && unit.EndTime >= _from && unit.StartTime <= _last && unit.Channels?.Any(Wants) != false;
}
