using System.Buffers;

namespace AvSdk.Query;

/// <summary>
/// A chunk that was verified and decompressed, with the selected messages in order of log time; equal log
/// times keep the order in which they were recorded. Disposing it gives its memory back.
/// </summary>
internal sealed class LoadedChunk : IDisposable
{
    private readonly IMemoryOwner<byte> _records;
    private readonly IReadOnlyDictionary<ushort, QueryChannel> _channels;
    private MessageSlot[] _slots;
    private int _count;
    private bool _disposed;

    /// <summary>Takes over the records' memory.</summary>
    public LoadedChunk(
        ChunkKey key, MessageOrigin origin, ulong firstLogTime,
        IReadOnlyDictionary<ushort, QueryChannel> channels,
        IMemoryOwner<byte> records, int capacity)
    {
        Key = key;
        Origin = origin;
        FirstLogTime = firstLogTime;
        _channels = channels;
        _records = records;
        _slots = ArrayPool<MessageSlot>.Shared.Rent(Math.Max(1, capacity));
    }

    public ChunkKey Key { get; }

    public MessageOrigin Origin { get; }

    /// <summary>The chunk's own, as its header says; no message is earlier.</summary>
    public ulong FirstLogTime { get; }

    public int MemoryBytes => _records.Memory.Length;

    public ReadOnlySpan<MessageSlot> Slots => _slots.AsSpan(0, _count);

    /// <summary>Adds a message that lies in the records, in the order of the records.</summary>
    public void Add(in MessageSlot slot)
    {
        if (_count == _slots.Length)
            Grow();
        _slots[_count++] = slot;
    }

    /// <summary>Puts the messages into order, after the last was added.</summary>
    public void Sort()
    {
        Span<MessageSlot> slots = _slots.AsSpan(0, _count);
        for (int i = 1; i < slots.Length; i++)
        {
            if (slots[i].LogTime < slots[i - 1].LogTime)
            {
                slots.Sort(default(ByLogTimeThenOffset));
                return;
            }
        }
    }

    public QueryChannel ChannelOf(in MessageSlot slot) => _channels[slot.ChannelId];

    public ReadOnlyMemory<byte> PayloadOf(in MessageSlot slot) =>
        _records.Memory.Slice(slot.PayloadOffset, slot.PayloadBytes);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        ArrayPool<MessageSlot>.Shared.Return(_slots);
        _slots = [];
        _count = 0;
        _records.Dispose();
    }

    private void Grow()
    {
        MessageSlot[] larger = ArrayPool<MessageSlot>.Shared.Rent(Math.Max(16, _slots.Length * 2));
        _slots.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<MessageSlot>.Shared.Return(_slots);
        _slots = larger;
    }

    private readonly struct ByLogTimeThenOffset : IComparer<MessageSlot>
    {
        public int Compare(MessageSlot left, MessageSlot right) =>
            left.LogTime != right.LogTime
                ? left.LogTime.CompareTo(right.LogTime)
                : left.PayloadOffset.CompareTo(right.PayloadOffset);
    }
}
