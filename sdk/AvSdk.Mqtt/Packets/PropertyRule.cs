namespace AvSdk.Mqtt.Packets;

/// <summary>How a property is encoded.</summary>
internal enum PropertyKind : byte
{
    None,

    /// <summary>One byte, 0 or 1.</summary>
    Flag,
    UInt16,
    UInt32,
    Variable,
    Text,
    Binary,
    Pair,
}

/// <summary>A property's encoding, and the packets it may be in, a bit for each type.</summary>
internal readonly record struct PropertyRule(PropertyKind Kind, int Places)
{
    public bool AllowsIn(PacketType place) => (Places & (1 << (int)place)) != 0;
}
