using System.Buffers;

namespace AvSdk.Recording.Chunking;

/// <summary>
/// The arrays of chunks. Keeps few: what is idle is bounded, so that a burst does not stay in memory for
/// ever. Lengths are whole multiples of 64 KiB, not powers of two, since a body needs a little more than its
/// records.
/// </summary>
/// <remarks>Safe for any number of threads. Asked a few times a chunk, never a message.</remarks>
internal sealed class ChunkBufferPool(long idleBytesMax) : ArrayPool<byte>
{
    public const int Granularity = 64 << 10;

    private readonly Lock _gate = new();
    private readonly List<byte[]> _idle = [];
    private long _idleBytes;
    private long _unusedBytes;

    public long IdleBytes
    {
        get
        {
            lock (_gate)
                return _idleBytes;
        }
    }

    /// <summary>The length that <see cref="Rent"/> gives at least and, where none fits, exactly.</summary>
    public static long Rounded(long bytes) => (bytes + Granularity - 1) / Granularity * Granularity;

    public override byte[] Rent(int minimumLength)
    {
        if (minimumLength < Granularity)
            return Shared.Rent(minimumLength);
        lock (_gate)
        {
            // The last returned is the warmest; one of more than twice the length would be waste.
            for (int at = _idle.Count - 1; at >= 0; at--)
            {
                byte[] array = _idle[at];
                if (array.Length < minimumLength || array.Length / 2 > minimumLength)
                    continue;
                _idle.RemoveAt(at);
                _idleBytes -= array.Length;
                _unusedBytes = Math.Min(_unusedBytes, _idleBytes);
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(checked((int)Math.Min(Rounded(minimumLength), Array.MaxLength)));
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (array.Length < Granularity)
        {
            Shared.Return(array, clearArray);
            return;
        }

        lock (_gate)
        {
            if (_idleBytes + array.Length > idleBytesMax)
                return;
            _idle.Add(array);
            _idleBytes += array.Length;
        }
    }

    /// <summary>Lets go of what nobody needed since the last call; called once in a while.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            // The longest idle are in front.
            int count = 0;
            long bytes = 0;
            while (count < _idle.Count && bytes + _idle[count].Length <= _unusedBytes)
                bytes += _idle[count++].Length;
            _idle.RemoveRange(0, count);
            _idleBytes -= bytes;
            _unusedBytes = _idleBytes;
        }
    }
}
