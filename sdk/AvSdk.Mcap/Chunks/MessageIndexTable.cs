using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// The message indexes of a chunk under construction: for each channel the entries as they will stand in the
/// file, in pooled arrays that keep their size over <see cref="Reset"/>.
/// </summary>
internal sealed class MessageIndexTable(ArrayPool<byte> pool)
{
    // Slot number + 1 by channel id; 0: the channel has none. Ids are dense from 1 as a rule, so it stays
    // small.
    private int[] _slotOfChannel = [];
    private Slot[] _slots = [];
    private int _count;

    public long HeldBytes { get; private set; }

    /// <summary>The slots in use, those of channels without messages too.</summary>
    public ReadOnlySpan<Slot> Slots => _slots.AsSpan(0, _count);

    public ref Slot Of(ushort channelId)
    {
        if (channelId < _slotOfChannel.Length)
        {
            int slot = _slotOfChannel[channelId];
            if (slot != 0)
                return ref _slots[slot - 1];
        }

        return ref Add(channelId);
    }

    public void Append(ref Slot slot, ulong logTime, int offset)
    {
        if (slot.IndexBytes + McapFormat.IndexEntryBytes > slot.Index.Length)
            Grow(ref slot);
        Span<byte> entry = slot.Index.AsSpan(slot.IndexBytes, McapFormat.IndexEntryBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, logTime);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], (ulong)offset);
        slot.IndexBytes += McapFormat.IndexEntryBytes;
    }

    /// <summary>Puts the slots in order of channel id; cheap when they are.</summary>
    public void Sort()
    {
        for (int i = 1; i < _count; i++)
        {
            Slot moving = _slots[i];
            int at = i;
            for (; at > 0 && _slots[at - 1].ChannelId > moving.ChannelId; at--)
            {
                _slots[at] = _slots[at - 1];
                _slotOfChannel[_slots[at].ChannelId] = at + 1;
            }

            if (at == i)
                continue;
            _slots[at] = moving;
            _slotOfChannel[moving.ChannelId] = at + 1;
        }
    }

    public void Reset()
    {
        foreach (ref Slot slot in _slots.AsSpan(0, _count))
        {
            slot.IndexBytes = 0;
            slot.PayloadBytes = 0;
        }
    }

    public void ReturnAll()
    {
        foreach (ref readonly Slot slot in Slots)
            pool.Return(slot.Index);
        _slots = [];
        _slotOfChannel = [];
        _count = 0;
        HeldBytes = 0;
    }

    private ref Slot Add(ushort channelId)
    {
        if (channelId >= _slotOfChannel.Length)
        {
            int length = Math.Max(_slotOfChannel.Length * 2, Math.Max(channelId + 1, 16));
            Array.Resize(ref _slotOfChannel, Math.Min(length, ushort.MaxValue + 1));
        }

        if (_count == _slots.Length)
            Array.Resize(ref _slots, Math.Max(_slots.Length * 2, 16));
        ref Slot slot = ref _slots[_count++];
        slot = new Slot { ChannelId = channelId, Index = pool.Rent(64 * McapFormat.IndexEntryBytes) };
        HeldBytes += slot.Index.Length;
        _slotOfChannel[channelId] = _count;
        return ref slot;
    }

    private void Grow(ref Slot slot)
    {
        byte[] larger = pool.Rent(checked(slot.Index.Length * 2));
        slot.Index.AsSpan(0, slot.IndexBytes).CopyTo(larger);
        HeldBytes += larger.Length - slot.Index.Length;
        pool.Return(slot.Index);
        slot.Index = larger;
    }

    internal struct Slot
    {
        public ushort ChannelId;
        public byte[] Index;
        public int IndexBytes;
        public long PayloadBytes;

        public readonly int Messages => IndexBytes / McapFormat.IndexEntryBytes;
    }
}
