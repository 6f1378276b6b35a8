using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Collects the messages of one chunk: the writer's hot path. A message costs its copy, 31 bytes of record
/// header and 16 of index; once the buffers have grown to a chunk's size nothing is allocated.
/// </summary>
/// <remarks>
/// One thread at a time. Memory comes from the pool and goes back with <see cref="Dispose"/>; it grows by
/// doubling and keeps its size over <see cref="Reset"/>. Invariant: the records are whole and indexed after
/// every call.
/// </remarks>
public sealed class ChunkBuilder : IDisposable
{
    /// <summary>The most bytes of records that one chunk can hold here.</summary>
    public const int RecordBytesMax = 0x7000_0000;

    private readonly ArrayPool<byte> _pool;
    private readonly MessageIndexTable _indexes;
    private byte[] _records;
    private LastMessage _last = LastMessage.None;
    private bool _disposed;

    /// <summary>An empty chunk.</summary>
    /// <param name="pool">Where memory comes from; null: the shared pool.</param>
    /// <param name="initialBytes">Room for records at first, bytes; default 64 KiB.</param>
    public ChunkBuilder(ArrayPool<byte>? pool = null, int initialBytes = 64 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialBytes, RecordBytesMax);
        _pool = pool ?? ArrayPool<byte>.Shared;
        _indexes = new MessageIndexTable(_pool);
        _records = _pool.Rent(Math.Max(initialBytes, 256));
    }

    /// <summary>Bytes of records so far, before compression.</summary>
    public int RecordBytes { get; private set; }

    /// <summary>Messages so far.</summary>
    public int MessageCount { get; private set; }

    /// <summary>The earliest log time so far, ns; 0 while there are no messages.</summary>
    public ulong FirstLogTime { get; private set; }

    /// <summary>The latest log time so far, ns; 0 while there are no messages.</summary>
    public ulong LastLogTime { get; private set; }

    /// <summary>Channels that have a message in the chunk.</summary>
    public int ChannelCount { get; private set; }

    /// <summary>Bytes of memory held, records and indexes, used or not.</summary>
    public long HeldBytes => _records.Length + _indexes.HeldBytes;

    /// <summary>
    /// Appends a message and returns its payload's bytes to fill, all of them, before the next call on the
    /// builder. They hold whatever was in memory; where filling them fails, <see cref="RemoveLastMessage"/>
    /// takes the message back. Times in ns.
    /// </summary>
    /// <exception cref="InvalidOperationException">The chunk would pass
    /// <see cref="RecordBytesMax"/>.</exception>
    public Span<byte> AddMessage(
        ushort channelId, uint sequence, ulong logTime, ulong publishTime, int payloadBytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        long end = (long)RecordBytes + McapRecordWriter.MessageOverheadBytes + payloadBytes;
        if (end > RecordBytesMax)
        {
            throw new InvalidOperationException(
                $"A chunk holds at most {RecordBytesMax} bytes of records, this message would make it {end}: "
                + "write the chunk first, or split the message.");
        }

        if (end > _records.Length)
            GrowRecords((int)end);
        int at = RecordBytes;
        FieldWriter fields = new(_records.AsSpan(at));
        fields.Prefix(McapOpcode.Message, McapFormat.MessageFieldBytes + payloadBytes);
        fields.UInt16(channelId);
        fields.UInt32(sequence);
        fields.UInt64(logTime);
        fields.UInt64(publishTime);

        ref MessageIndexTable.Slot slot = ref _indexes.Of(channelId);
        if (slot.IndexBytes == 0)
            ChannelCount++;
        _indexes.Append(ref slot, logTime, at);
        slot.PayloadBytes += payloadBytes;

        _last = new LastMessage(channelId, payloadBytes, FirstLogTime, LastLogTime);
        FirstLogTime = MessageCount == 0 ? logTime : Math.Min(FirstLogTime, logTime);
        LastLogTime = MessageCount == 0 ? logTime : Math.Max(LastLogTime, logTime);
        RecordBytes = (int)end;
        MessageCount++;
        return _records.AsSpan(at + McapRecordWriter.MessageOverheadBytes, payloadBytes);
    }

    /// <summary>Takes back the message of the last <see cref="AddMessage"/>; once for each.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added since the last removal or
    /// reset.</exception>
    public void RemoveLastMessage()
    {
        if (_last.PayloadBytes < 0 || MessageCount == 0)
            throw new InvalidOperationException(
                "There is no last message to remove: it was removed already.");
        ref MessageIndexTable.Slot slot = ref _indexes.Of(_last.ChannelId);
        slot.IndexBytes -= McapFormat.IndexEntryBytes;
        slot.PayloadBytes -= _last.PayloadBytes;
        if (slot.IndexBytes == 0)
            ChannelCount--;
        RecordBytes -= McapRecordWriter.MessageOverheadBytes + _last.PayloadBytes;
        MessageCount--;
        FirstLogTime = _last.FirstLogTimeBefore;
        LastLogTime = _last.LastLogTimeBefore;
        _last = LastMessage.None;
    }

    /// <summary>
    /// What the chunk holds of each channel that has a message in it, in order of channel id. Returns
    /// <see cref="ChannelCount"/>, the number written to <paramref name="destination"/>, which must hold as
    /// many.
    /// </summary>
    public int CopyChannels(Span<ChunkChannelCount> destination)
    {
        _indexes.Sort();
        int count = 0;
        foreach (ref readonly MessageIndexTable.Slot slot in _indexes.Slots)
        {
            if (slot.IndexBytes > 0)
                destination[count++] =
                    new ChunkChannelCount(slot.ChannelId, slot.Messages, slot.PayloadBytes);
        }

        return count;
    }

    /// <summary>What the chunk holds of each channel, in order of channel id; a new list.</summary>
    public IReadOnlyList<ChunkChannelCount> Channels()
    {
        ChunkChannelCount[] counts = new ChunkChannelCount[ChannelCount];
        CopyChannels(counts);
        return counts;
    }

    /// <summary>
    /// Writes the body: the Chunk record, with the CRC of the plain records, and a MessageIndex record for
    /// each channel in order of id. The builder keeps its content until <see cref="Reset"/>. The output may
    /// be asked for the compression's bound in one span.
    /// </summary>
    public ChunkBodySize WriteBody(ChunkCompression compression, IBufferWriter<byte> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(compression);
        ArgumentNullException.ThrowIfNull(output);
        ReadOnlySpan<byte> records = _records.AsSpan(0, RecordBytes);
        (int chunkBytes, int compressedBytes, string name) =
            ChunkRecord.Write(FirstLogTime, LastLogTime, records, compression, output);
        _indexes.Sort();
        int indexBytes = 0;
        foreach (ref readonly MessageIndexTable.Slot slot in _indexes.Slots)
        {
            if (slot.IndexBytes > 0)
                indexBytes += WriteIndex(slot, output);
        }

        return new ChunkBodySize(chunkBytes + indexBytes, compressedBytes, records.Length, name);
    }

    /// <summary>Empties the chunk; its memory stays.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _indexes.Reset();
        RecordBytes = 0;
        MessageCount = 0;
        ChannelCount = 0;
        FirstLogTime = 0;
        LastLogTime = 0;
        _last = LastMessage.None;
    }

    /// <summary>Gives the memory back; spans handed out must not be used any more.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _pool.Return(_records);
        _indexes.ReturnAll();
        _records = [];
    }

    private static int WriteIndex(in MessageIndexTable.Slot slot, IBufferWriter<byte> output)
    {
        int bytes = McapFormat.RecordPrefixBytes + McapFormat.IndexFieldBytes + slot.IndexBytes;
        FieldWriter fields = new(output.GetSpan(bytes));
        fields.Prefix(McapOpcode.MessageIndex, McapFormat.IndexFieldBytes + slot.IndexBytes);
        fields.UInt16(slot.ChannelId);
        fields.Bytes32(slot.Index.AsSpan(0, slot.IndexBytes));
        output.Advance(bytes);
        return bytes;
    }

    private void GrowRecords(int needed)
    {
        long doubled = Math.Min(_records.Length * 2L, RecordBytesMax);
        byte[] larger = _pool.Rent((int)Math.Max(doubled, needed));
        _records.AsSpan(0, RecordBytes).CopyTo(larger);
        _pool.Return(_records);
        _records = larger;
    }

    private readonly record struct LastMessage(
        ushort ChannelId, int PayloadBytes, ulong FirstLogTimeBefore, ulong LastLogTimeBefore)
    {
        public static LastMessage None => new(0, -1, 0, 0);
    }
}
