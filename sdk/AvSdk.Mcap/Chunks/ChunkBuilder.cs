using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AvSdk.Mcap;

/// <summary>
/// Collects the messages of one chunk: the writer's hot path. A message costs its copy, 31 bytes of record
/// header and 16 of index; once the buffers have grown to a chunk's size nothing is allocated.
/// </summary>
/// <remarks>
/// One thread at a time. Memory comes from the pool and goes back with <see cref="Dispose"/>; it grows by
/// doubling and keeps its size over <see cref="Reset()"/>. Invariant: the records are whole and indexed after
/// every call.
/// </remarks>
public sealed class ChunkBuilder : IDisposable
{
    /// <summary>The most bytes of records that one chunk can hold here.</summary>
    public const int RecordBytesMax = 0x7000_0000;

    // The records begin here in the array: before them is room for the head of a plain Chunk record, so that
    // it can be written out in one piece with them.
    private const int RecordsStart = 64;

    private readonly ArrayPool<byte> _pool;
    private readonly MessageIndexTable _indexes;
    private byte[] _records;
    private int _end = RecordsStart;
    private ulong _firstLogTime = ulong.MaxValue;
    private ulong _lastLogTime;
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
        _records = _pool.Rent(RecordsStart + Math.Max(initialBytes, 256));
    }

    /// <summary>Bytes of records so far, before compression.</summary>
    public int RecordBytes => _end - RecordsStart;

    /// <summary>Messages so far.</summary>
    public int MessageCount { get; private set; }

    /// <summary>The earliest log time so far, ns; 0 while there are no messages.</summary>
    public ulong FirstLogTime => MessageCount == 0 ? 0 : _firstLogTime;

    /// <summary>The latest log time so far, ns; 0 while there are no messages.</summary>
    public ulong LastLogTime => _lastLogTime;

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
        int at = _end;
        if (payloadBytes < 0 || payloadBytes > _records.Length - at - McapRecordWriter.MessageOverheadBytes)
            MakeRoom(McapRecordWriter.MessageOverheadBytes, payloadBytes);
        WriteMessageHead(_records.AsSpan(at, McapRecordWriter.MessageOverheadBytes),
            channelId, sequence, logTime, publishTime, payloadBytes);

        ref MessageIndexTable.Slot slot = ref _indexes.Of(channelId);
        if (slot.IndexBytes == 0)
            ChannelCount++;
        _indexes.Append(ref slot, logTime, at - RecordsStart);
        slot.PayloadBytes += payloadBytes;

        _last = new LastMessage(channelId, payloadBytes, _firstLogTime, _lastLogTime);
        _firstLogTime = Math.Min(_firstLogTime, logTime);
        _lastLogTime = Math.Max(_lastLogTime, logTime);
        MessageCount++;
        int payloadAt = at + McapRecordWriter.MessageOverheadBytes;
        _end = payloadAt + payloadBytes;
        return _records.AsSpan(payloadAt, payloadBytes);
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
        _end -= McapRecordWriter.MessageOverheadBytes + _last.PayloadBytes;
        MessageCount--;
        _firstLogTime = _last.FirstLogTimeBefore;
        _lastLogTime = _last.LastLogTimeBefore;
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
    /// each channel in order of id. The builder keeps its content until <see cref="Reset()"/>. The output may
    /// be asked for the compression's bound in one span.
    /// </summary>
    public ChunkBodySize WriteBody(ChunkCompression compression, IBufferWriter<byte> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(compression);
        ArgumentNullException.ThrowIfNull(output);
        (int chunkBytes, int compressedBytes, string name) =
            ChunkRecord.Write(FirstLogTime, LastLogTime, Records, compression, output);
        int indexBytes = WriteIndexes(output);
        return new ChunkBodySize(chunkBytes + indexBytes, compressedBytes, RecordBytes, name);
    }

    /// <summary>Empties the chunk; its memory stays.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _indexes.Reset();
        _end = RecordsStart;
        MessageCount = 0;
        ChannelCount = 0;
        _firstLogTime = ulong.MaxValue;
        _lastLogTime = 0;
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

    /// <summary>The records so far; borrowed until the next call.</summary>
    internal ReadOnlySpan<byte> Records => _records.AsSpan(RecordsStart, RecordBytes);

    /// <summary>The records with so many bytes before them, which the caller fills.</summary>
    internal Span<byte> RecordsAfter(int headBytes) =>
        _records.AsSpan(RecordsStart - headBytes, headBytes + RecordBytes);

    /// <summary>Appends a whole Schema or Channel record.</summary>
    internal void AddDefinition(ReadOnlySpan<byte> record)
    {
        if (record.Length > _records.Length - _end)
            MakeRoom(record.Length, 0);
        record.CopyTo(_records.AsSpan(_end));
        _end += record.Length;
        _last = LastMessage.None;
    }

    /// <summary>Writes the MessageIndex records in order of channel id; returns their bytes.</summary>
    internal int WriteIndexes(IBufferWriter<byte> output)
    {
        _indexes.Sort();
        int bytes = 0;
        foreach (ref readonly MessageIndexTable.Slot slot in _indexes.Slots)
        {
            if (slot.IndexBytes > 0)
                bytes += WriteIndex(slot, output);
        }

        return bytes;
    }

    /// <summary>
    /// What the body holds of each channel, the message indexes beginning at <paramref name="at"/>; a new
    /// array.
    /// </summary>
    internal ChunkBodyChannel[] BodyChannels(int at)
    {
        _indexes.Sort();
        ChunkBodyChannel[] channels = new ChunkBodyChannel[ChannelCount];
        int count = 0;
        foreach (ref readonly MessageIndexTable.Slot slot in _indexes.Slots)
        {
            if (slot.IndexBytes == 0)
                continue;
            int bytes = IndexRecordBytes(slot);
            channels[count++] = new ChunkBodyChannel(slot.ChannelId, slot.Messages, at, bytes);
            at += bytes;
        }

        return channels;
    }

    /// <summary>As <see cref="Reset()"/>; memory for more than so many bytes of records goes back.</summary>
    internal void Reset(int keepBytesMax)
    {
        Reset();
        if (HeldBytes <= keepBytesMax)
            return;
        _indexes.ReturnAll();
        _pool.Return(_records);
        _records = _pool.Rent(RecordsStart + 256);
    }

    private static int IndexRecordBytes(in MessageIndexTable.Slot slot) =>
        McapFormat.RecordPrefixBytes + McapFormat.IndexFieldBytes + slot.IndexBytes;

    private static int WriteIndex(in MessageIndexTable.Slot slot, IBufferWriter<byte> output)
    {
        int bytes = IndexRecordBytes(slot);
        FieldWriter fields = new(output.GetSpan(bytes));
        fields.Prefix(McapOpcode.MessageIndex, McapFormat.IndexFieldBytes + slot.IndexBytes);
        fields.UInt16(slot.ChannelId);
        fields.Bytes32(slot.Index.AsSpan(0, slot.IndexBytes));
        output.Advance(bytes);
        return bytes;
    }

    // Four stores of eight bytes instead of six fields: what one writes beyond its field the next one writes
    // again. The length has 56 bits of room before the channel id, more than a chunk can hold.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteMessageHead(
        Span<byte> head, ushort channelId, uint sequence, ulong logTime, ulong publishTime, int payloadBytes)
    {
        ulong contentBytes = (ulong)(McapFormat.MessageFieldBytes + payloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(head, (byte)McapOpcode.Message | (contentBytes << 8));
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], ((ulong)channelId << 8) | ((ulong)sequence << 24));
        BinaryPrimitives.WriteUInt64LittleEndian(head[15..], logTime);
        BinaryPrimitives.WriteUInt64LittleEndian(head[23..], publishTime);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom(int headBytes, int payloadBytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        long bytes = (long)RecordBytes + headBytes + payloadBytes;
        if (bytes > RecordBytesMax)
        {
            throw new InvalidOperationException(
                $"A chunk holds at most {RecordBytesMax} bytes of records, this one would make it {bytes}: "
                + "write the chunk first, or split the message.");
        }

        long doubled = Math.Min(_records.Length * 2L, RecordsStart + RecordBytesMax);
        byte[] larger = _pool.Rent((int)Math.Max(doubled, RecordsStart + bytes));
        Records.CopyTo(larger.AsSpan(RecordsStart));
        _pool.Return(_records);
        _records = larger;
    }

    private readonly record struct LastMessage(
        ushort ChannelId, int PayloadBytes, ulong FirstLogTimeBefore, ulong LastLogTimeBefore)
    {
        public static LastMessage None => new(0, -1, 0, 0);
    }
}
