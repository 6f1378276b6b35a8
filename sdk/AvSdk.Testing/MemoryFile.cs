namespace AvSdk.Testing;

/// <summary>
/// What a file is: what programs see, and how much of it is durable. Guarded by the disk's lock.
/// </summary>
internal sealed class MemoryFile(string name)
{
    private const int SectorBytes = 512;

    private byte[] _bytes = [];

    // [0, durable) survives a power cut; [durable, lost) never can, since a flush of it failed; if lost is
    // less than durable there is no such part.
    private int _durable;
    private int _lost;

    public string Name { get; set; } = name;

    public int Length { get; private set; }

    public bool IsNameDurable { get; set; }

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_bytes.Length - Length < data.Length)
            Array.Resize(ref _bytes, Math.Max(Length + data.Length, _bytes.Length * 2));
        data.CopyTo(_bytes.AsSpan(Length));
        Length += data.Length;
    }

    public int Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length)
            return 0;
        int bytes = (int)Math.Min(destination.Length, Length - offset);
        Bytes.Slice((int)offset, bytes).CopyTo(destination);
        return bytes;
    }

    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = (int)length;
        _durable = Math.Min(_durable, Length);
        _lost = Math.Min(_lost, Length);
    }

    public void Flush()
    {
        IsNameDurable = true;
        if (_lost <= _durable)
            _durable = Length;
    }

    public void FailFlush() => _lost = Length;

    /// <summary>What a power cut leaves: another file, which is durable as it is; null: nothing.</summary>
    public MemoryFile? Survive(Random random)
    {
        if (!IsNameDurable && random.Next(2) == 0)
            return null;

        int kept = _durable + random.Next(Length - _durable + 1);
        MemoryFile left = new(Name) { IsNameDurable = true };
        left.Append(Bytes[..kept]);
        Tear(left.Bytes[_durable..], random);
        left._durable = kept;
        return left;
    }

    // The last sector that was under way may hold anything from some byte on.
    private static void Tear(Span<byte> tail, Random random)
    {
        if (tail.IsEmpty || random.Next(2) == 0)
            return;
        Span<byte> torn = tail[(tail.Length - random.Next(Math.Min(tail.Length, SectorBytes) + 1))..];
        if (random.Next(2) == 0)
            torn.Clear();
        else
            random.NextBytes(torn);
    }
}
