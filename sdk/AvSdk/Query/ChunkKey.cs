namespace AvSdk.Query;

/// <summary>
/// The order of chunks among messages of one log time: vehicle, recording, lane, sequence. So messages of one
/// channel keep the order in which they were recorded, and the order is the same in every reading.
/// </summary>
internal readonly record struct ChunkKey(string VehicleId, Guid RecordingId, string Lane, ulong Sequence)
    : IComparable<ChunkKey>
{
    public int CompareTo(ChunkKey other)
    {
        int order = string.CompareOrdinal(VehicleId, other.VehicleId);
        if (order == 0)
            order = CompareBytes(RecordingId, other.RecordingId);
        if (order == 0)
            order = string.CompareOrdinal(Lane, other.Lane);
        return order == 0 ? Sequence.CompareTo(other.Sequence) : order;
    }

    // As the bytes on the wire compare, which for UUIDv7 is the order of creation.
    private static int CompareBytes(Guid left, Guid right)
    {
        Span<byte> leftBytes = stackalloc byte[16];
        Span<byte> rightBytes = stackalloc byte[16];
        left.TryWriteBytes(leftBytes, bigEndian: true, out _);
        right.TryWriteBytes(rightBytes, bigEndian: true, out _);
        return leftBytes.SequenceCompareTo(rightBytes);
    }
}
