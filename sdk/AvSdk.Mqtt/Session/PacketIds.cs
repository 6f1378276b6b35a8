using System.Numerics;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// The packet identifiers of this end, 1 to 65,535, each in use once (MQTT 5, section 2.2.1). A free one is taken
/// as late as possible after its last use.
/// </summary>
internal sealed class PacketIds
{
    public const int Max = 65_535;

    // A bit for each; identifier 0 is never free.
    private readonly ulong[] _used = new ulong[(Max + 1) / 64];
    private int _last;

    public PacketIds() => _used[0] = 1;

    public int UsedCount { get; private set; }

    /// <summary>0: all are in use.</summary>
    public ushort Take()
    {
        if (UsedCount == Max)
            return 0;
        int id = (_last + 1) & Max;
        ulong used = _used[id / 64] | ((1UL << (id % 64)) - 1);
        while (used == ulong.MaxValue)
        {
            id = ((id / 64) + 1) * 64 & Max;
            used = _used[id / 64];
        }

        id = (id & ~63) + BitOperations.TrailingZeroCount(~used);
        _used[id / 64] |= 1UL << (id % 64);
        _last = id;
        UsedCount++;
        return (ushort)id;
    }

    public void Return(ushort id)
    {
        if (id == 0 || (_used[id / 64] & (1UL << (id % 64))) == 0)
            return;
        _used[id / 64] &= ~(1UL << (id % 64));
        UsedCount--;
    }
}
