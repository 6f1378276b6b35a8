namespace AvSdk.Simulation.Disk;

/// <summary>
/// A file's bytes twice: as programs see them (the page cache), and as they are on the platter. What is
/// between the two was written and not flushed.
/// </summary>
internal sealed class Inode(int number)
{
    private const int SectorBytes = 512;

    private byte[] _cache = [];
    private byte[] _platter = [];
    private int _platterLength;

    // From here on the cache is ahead of the platter.
    private int _dirtyFrom;

    // The file as it was on the platter before a cut of its length that is not durable yet.
    private byte[]? _beforeTruncate;

    // Sectors that a failed flush gave up: no later flush writes them.
    private readonly List<(int From, int To)> _givenUp = [];

    public int Number { get; } = number;

    public int Length { get; private set; }

    /// <summary>Where what is not flushed begins.</summary>
    public int DirtyFrom => Math.Min(_dirtyFrom, Length);

    public bool IsDirty => _dirtyFrom < Length || _beforeTruncate is not null;

    public ReadOnlySpan<byte> Bytes => _cache.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_cache.Length - Length < data.Length)
            Array.Resize(ref _cache, Math.Max(Length + data.Length, _cache.Length * 2));
        data.CopyTo(_cache.AsSpan(Length));
        Length += data.Length;
    }

    public int Read(long offset, Span<byte> destination)
    {
        if (offset >= Length)
            return 0;
        int bytes = (int)Math.Min(destination.Length, Length - offset);
        _cache.AsSpan((int)offset, bytes).CopyTo(destination);
        return bytes;
    }

    public void Truncate(long length)
    {
        if (length < 0 || length > Length)
            throw new ArgumentOutOfRangeException(nameof(length));
        if (length < _platterLength)
        {
            _beforeTruncate ??= _platter.AsSpan(0, _platterLength).ToArray();
            _platterLength = (int)length;
        }

        Length = (int)length;
        _dirtyFrom = Math.Min(_dirtyFrom, Length);
        _givenUp.RemoveAll(range => range.From >= Length);
    }

    public void Flush()
    {
        WriteBack(_dirtyFrom, Length);
        _dirtyFrom = Length;
        _beforeTruncate = null;
    }

    /// <summary>
    /// A flush that the disk refused: some sectors got there. The others never will, though the kernel takes
    /// them for clean; the cache may go on to show them, or not.
    /// </summary>
    public void FailFlush(Random chance)
    {
        bool forgets = chance.Next(2) == 0;
        for (int from = _dirtyFrom; from < Length;)
        {
            int to = Math.Min(Length, (from / SectorBytes * SectorBytes) + SectorBytes);
            if (chance.Next(3) == 0)
                WriteBack(from, to);
            else
                GiveUp(from, to, forgets);
            from = to;
        }

        _dirtyFrom = Length;
    }

    /// <summary>The power went: the file is what was on the platter and what chance lets arrive.</summary>
    public void LosePower(Random chance)
    {
        if (_beforeTruncate is { } before && chance.Next(2) == 0)
            Settle(before);
        else
            Settle(Survivors(chance));
    }

    /// <summary>Changes a bit at rest. Only what is durable and seen as such rots here.</summary>
    public bool Rot(int offset, int bit)
    {
        if (offset >= Math.Min(_dirtyFrom, Length) || offset >= _platterLength)
            return false;
        _cache[offset] ^= (byte)(1 << bit);
        _platter[offset] ^= (byte)(1 << bit);
        return true;
    }

    private byte[] Survivors(Random chance)
    {
        int durable = Math.Min(_dirtyFrom, Length);
        int tail = Length - durable;
        byte[] file = new byte[Length];
        _platter.AsSpan(0, Math.Min(_platterLength, durable)).CopyTo(file);
        int kept = tail == 0 ? 0 : chance.Next(tail + 1);
        switch (chance.Next(6))
        {
            case 0:
                return file[..durable];
            case 1:
                kept = tail;
                CopyTail(file, durable, kept);
                break;
            case 2 or 3:
                CopyTail(file, durable, kept);
                Tear(file.AsSpan(durable, kept), chance);
                break;
            default:
                return Reordered(file, durable, chance);
        }

        return file[..(durable + kept)];
    }

    // Sectors arrived in any order: those that did not are zeros, or the file ends before them.
    private byte[] Reordered(byte[] file, int durable, Random chance)
    {
        int end = durable;
        int oneIn = 2 + chance.Next(6);
        for (int from = durable; from < Length;)
        {
            int to = Math.Min(Length, (from / SectorBytes * SectorBytes) + SectorBytes);
            if (chance.Next(oneIn) != 0)
            {
                _cache.AsSpan(from, to - from).CopyTo(file.AsSpan(from));
                end = to;
            }

            from = to;
        }

        return chance.Next(2) == 0 ? file[..end] : file;
    }

    private void CopyTail(byte[] file, int durable, int bytes) =>
        _cache.AsSpan(durable, bytes).CopyTo(file.AsSpan(durable));

    // The last sector under way may hold anything from some byte on.
    private static void Tear(Span<byte> tail, Random chance)
    {
        if (tail.IsEmpty || chance.Next(2) == 0)
            return;
        Span<byte> torn = tail[(tail.Length - chance.Next(Math.Min(tail.Length, SectorBytes) + 1))..];
        if (chance.Next(2) == 0)
            torn.Clear();
        else
            chance.NextBytes(torn);
    }

    private void Settle(byte[] bytes)
    {
        _cache = bytes;
        _platter = [.. bytes];
        Length = _platterLength = _dirtyFrom = bytes.Length;
        _beforeTruncate = null;
        _givenUp.Clear();
    }

    private void WriteBack(int from, int to)
    {
        if (_platter.Length < to)
            Array.Resize(ref _platter, Math.Max(to, _cache.Length));
        if (_platterLength < from)
            _platter.AsSpan(_platterLength, from - _platterLength).Clear();
        _cache.AsSpan(from, to - from).CopyTo(_platter.AsSpan(from));
        _platterLength = Math.Max(_platterLength, to);
    }

    private void GiveUp(int from, int to, bool forgets)
    {
        if (_platter.Length < to)
            Array.Resize(ref _platter, Math.Max(to, _cache.Length));
        _platter.AsSpan(Math.Max(from, Math.Min(_platterLength, to)), to - Math.Max(from, Math.Min(_platterLength, to))).Clear();
        _platterLength = Math.Max(_platterLength, to);
        _givenUp.Add((from, to));
        if (forgets)
            _platter.AsSpan(from, to - from).CopyTo(_cache.AsSpan(from));
    }
}
