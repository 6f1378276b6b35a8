namespace AvSdk.Query;

/// <summary>
/// Merges chunks that come in order of first log time into messages in order of log time, and holds only
/// those that overlap. Messages of equal log time come in order of <see cref="ChunkKey"/>, then of record.
/// </summary>
/// <remarks>
/// Invariant: <see cref="TryNext"/> gives a message only while no chunk to come can hold an earlier one or
/// one of the same log time; so the order does not depend on when chunks come. A binary heap over the chunks'
/// next messages.
/// </remarks>
internal sealed class ChunkMerge
{
    private readonly List<Cursor> _heap = [];
    private LoadedChunk? _lent;

    /// <summary>Bytes of the chunks held.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Chunks held.</summary>
    public int Count => _heap.Count;

    /// <summary>Takes over a chunk.</summary>
    public void Add(LoadedChunk chunk)
    {
        if (chunk.Slots.IsEmpty)
        {
            chunk.Dispose();
            return;
        }

        MemoryBytes += chunk.MemoryBytes;
        _heap.Add(new Cursor(chunk, 0));
        SiftUp(_heap.Count - 1);
    }

    /// <summary>
    /// The next message, if it is before <paramref name="bound"/>: the first log time of the next chunk to
    /// come, or null where none comes. The message's chunk is held until the next call.
    /// </summary>
    public bool TryNext(ulong? bound, out LoadedChunk? chunk, out MessageSlot slot)
    {
        ReturnLent();
        if (_heap.Count == 0 || (bound is { } first && _heap[0].LogTime >= first))
        {
            chunk = null;
            slot = default;
            return false;
        }

        Cursor top = _heap[0];
        chunk = top.Chunk;
        slot = top.Chunk.Slots[top.Index];
        Advance(top);
        return true;
    }

    /// <summary>Gives everything back; the merge can begin anew.</summary>
    public void Clear()
    {
        ReturnLent();
        foreach (Cursor cursor in _heap)
            cursor.Chunk.Dispose();
        _heap.Clear();
        MemoryBytes = 0;
    }

    private void Advance(Cursor top)
    {
        if (top.Index + 1 < top.Chunk.Slots.Length)
        {
            _heap[0] = new Cursor(top.Chunk, top.Index + 1);
        }
        else
        {
            _lent = top.Chunk;
            MemoryBytes -= top.Chunk.MemoryBytes;
            _heap[0] = _heap[^1];
            _heap.RemoveAt(_heap.Count - 1);
        }

        SiftDown();
    }

    // The chunk whose last message was given away is kept until that message is no longer borrowed.
    private void ReturnLent()
    {
        _lent?.Dispose();
        _lent = null;
    }

    private void SiftUp(int at)
    {
        while (at > 0 && IsBefore(_heap[at], _heap[(at - 1) / 2]))
        {
            (_heap[at], _heap[(at - 1) / 2]) = (_heap[(at - 1) / 2], _heap[at]);
            at = (at - 1) / 2;
        }
    }

    private void SiftDown()
    {
        int at = 0;
        while (true)
        {
            int least = at;
            int left = (2 * at) + 1;
            if (left < _heap.Count && IsBefore(_heap[left], _heap[least]))
                least = left;
            if (left + 1 < _heap.Count && IsBefore(_heap[left + 1], _heap[least]))
                least = left + 1;
            if (least == at)
                return;
            (_heap[at], _heap[least]) = (_heap[least], _heap[at]);
            at = least;
        }
    }

    private static bool IsBefore(in Cursor left, in Cursor right) =>
        left.LogTime != right.LogTime
            ? left.LogTime < right.LogTime
            : left.Chunk.Key.CompareTo(right.Chunk.Key) < 0;

    private readonly record struct Cursor(LoadedChunk Chunk, int Index)
    {
        public ulong LogTime { get; } = Chunk.Slots[Index].LogTime;
    }
}
