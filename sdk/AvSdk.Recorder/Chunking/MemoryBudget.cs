namespace AvSdk.Recording.Chunking;

/// <summary>
/// The memory of chunks that are being built or on their way to the spool. Reserving never waits: the writer
/// drops, or waits for <see cref="Space"/> where it may.
/// </summary>
/// <remarks>
/// A builder reserves twice the capacity it grows to: once for the records, once for the compressed body that
/// will replace them. So nothing after the writer ever has to ask for memory, and the pipeline cannot lock
/// itself up.
/// </remarks>
internal sealed class MemoryBudget(long bytesMax)
{
    private long _usedBytes;

    public long BytesMax { get; } = bytesMax;

    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Over three quarters full: builders close early instead of growing.</summary>
    public bool IsTight => UsedBytes > BytesMax / 4 * 3;

    /// <summary>Pulsed when something was released.</summary>
    public SpaceSignal Space { get; } = new();

    public bool TryReserve(long bytes)
    {
        long used = UsedBytes;
        while (used + bytes <= BytesMax)
        {
            long seen = Interlocked.CompareExchange(ref _usedBytes, used + bytes, used);
            if (seen == used)
                return true;
            used = seen;
        }

        return false;
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _usedBytes, -bytes);
        Space.Pulse();
    }
}
