using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// The bytes of units that stand near one another in a file, read at once. Each unit has a share: it goes with the
/// unit's slice, or is released if the unit is not needed any more; with the last one the bytes are given back.
/// </summary>
internal sealed class MergedRead
{
    private readonly ByteRange _range;
    private McapBytes _bytes;
    private bool _isGood;
    private int _shares;

    private MergedRead(ByteRange range, int units)
    {
        _range = range;
        _shares = units;
        UnitsLeft = units;
        Done = Task.CompletedTask;
    }

    /// <summary>Bytes that it rents.</summary>
    public long Bytes => _range.Count;

    /// <summary>Units that were not taken so far; the cursor's thread counts.</summary>
    public int UnitsLeft { get; set; }

    /// <summary>Never fails.</summary>
    public Task Done { get; private set; }

    /// <summary>
    /// How many of the waiting units, the first one included, are worth one read: near one another, each within the
    /// file and the limits, together not too much.
    /// </summary>
    /// <exception cref="McapException">The first one is out of the file or over the limits.</exception>
    public static int Count(
        ReadOnlySpan<ReadUnit> waiting, IMcapRemoteSource source, McapLimits limits, long bytesMax, out ByteRange range)
    {
        long length = source.Length;
        long start = waiting[0].Offset;
        long end = start + RecordRange.Check((ulong)start, waiting[0].Bytes, length, limits);
        long max = Math.Min(Math.Min(source.MergedBytesMax, bytesMax), Array.MaxLength);
        int count = 1;
        for (; count < waiting.Length; count++)
        {
            ReadUnit next = waiting[count];
            if (next.Offset < 0 || next.Offset > length || next.Bytes > (ulong)Math.Max(0, max)
                || next.Bytes > (ulong)Math.Min(length - next.Offset, limits.RecordBytesMax))
                break;
            long nextEnd = next.Offset + (long)next.Bytes;
            long gap = next.Offset >= end ? next.Offset - end : start - nextEnd;
            if (gap < 0 || gap > source.GapBytesMax || Math.Max(end, nextEnd) - Math.Min(start, next.Offset) > max)
                break;
            start = Math.Min(start, next.Offset);
            end = Math.Max(end, nextEnd);
        }

        range = new ByteRange(start, (int)(end - start));
        return count;
    }

    public static MergedRead Begin(
        IMcapSource source, ArrayPool<byte> pool, ByteRange range, int units, CancellationToken cancellationToken)
    {
        MergedRead begun = new(range, units);
        begun.Done = Task.Run(() => begun.RunAsync(source, pool, cancellationToken), CancellationToken.None);
        return begun;
    }

    /// <summary>
    /// A unit's bytes, and with them its share; false: the read failed, each unit is to be read by itself. After
    /// <see cref="Done"/>.
    /// </summary>
    public bool TrySlice(ReadUnit unit, out McapBytes slice)
    {
        slice = _isGood
            ? new McapBytes(
                _bytes.Memory.Slice((int)(unit.Offset - _range.Offset), (int)unit.Bytes), new Share(this))
            : default;
        return _isGood;
    }

    /// <summary>Gives a share back that no slice has; after <see cref="Done"/>.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _shares) == 0)
            _bytes.Dispose();
    }

    private async Task RunAsync(IMcapSource source, ArrayPool<byte> pool, CancellationToken cancellationToken)
    {
        McapBytes bytes = default;
        try
        {
            bytes = McapBytes.Rent(_range.Count, pool, out Memory<byte> target);
            RecordRange.CheckRead(_range.Offset, _range.Count,
                await source.ReadAtAsync(_range.Offset, target, cancellationToken).ConfigureAwait(false));
            _bytes = bytes;
            _isGood = true;
        }
#pragma warning disable CA1031 // Whatever it is, the units are read by themselves then, and say it.
        catch
#pragma warning restore CA1031
        {
            bytes.Dispose();
        }
    }

    /// <summary>Keeps the bytes of a merged read for one unit.</summary>
    internal sealed class Share(MergedRead read) : IDisposable
    {
        private MergedRead? _read = read;

        public void Dispose() => Interlocked.Exchange(ref _read, null)?.Release();
    }
}
