namespace AvSdk.Mcap;

/// <summary>
/// Where a message stands in a query's order: by time, then by its unit's place in the file. For the reverse
/// order both are mirrored, so that less always means earlier given.
/// </summary>
internal readonly record struct UnitKey(ulong Time, int Place) : IComparable<UnitKey>
{
    public static UnitKey Last { get; } = new(ulong.MaxValue, int.MaxValue);

    public static UnitKey Of(McapOrder order, ulong logTime, int number) => order switch
    {
        McapOrder.LogTime => new UnitKey(logTime, number),
        McapOrder.ReverseLogTime => new UnitKey(~logTime, ~number),
        _ => new UnitKey(0, number),
    };

    public int CompareTo(UnitKey other)
    {
        int byTime = Time.CompareTo(other.Time);
        return byTime != 0 ? byTime : Place.CompareTo(other.Place);
    }
}
