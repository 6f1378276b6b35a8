using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Ingestion;

/// <summary>
/// A stretch of the ring: MCAP records one after the other, and which ordinals of which channel they hold.
/// All members are called under the ring's gate; only the payload of a reserved record is filled outside of
/// it.
/// </summary>
/// <remarks>
/// A record is reserved with opcode 0 and gets its own when it is filled, so that what stands before the
/// first opcode 0 can be sent.
/// </remarks>
internal sealed class RingBlock(long id, int bytes) : IDisposable
{
    private const int PrefixBytes = 9;
    private const byte Unfilled = 0;

    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(bytes);
    private OrdinalRange[] _ranges = new OrdinalRange[8];

    /// <summary>Grows from block to block.</summary>
    public long Id { get; private set; } = id;

    /// <summary>Bytes of memory.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Where the next record goes.</summary>
    public int Reserved { get; private set; }

    /// <summary>Where the records begin that this connection has not been given.</summary>
    public int SendOffset { get; private set; }

    /// <summary>Records that are being filled.</summary>
    public int Unfinished { get; private set; }

    /// <summary>The socket is sending from it.</summary>
    public bool IsLent { get; set; }

    public int Room => _bytes.Length - Reserved;

    /// <summary>Takes room for a record and writes its length; the record's offset.</summary>
    public int Reserve(int recordBytes)
    {
        int offset = Reserved;
        _bytes[offset] = Unfilled;
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(offset + 1),
            (ulong)(recordBytes - PrefixBytes));
        Reserved += recordBytes;
        Unfinished++;
        return offset;
    }

    public Span<byte> Content(int offset, int recordBytes) =>
        _bytes.AsSpan(offset + PrefixBytes, recordBytes - PrefixBytes);

    /// <summary>The record is whole.</summary>
    public void Finish(int offset, byte opcode)
    {
        _bytes[offset] = opcode;
        Unfinished--;
    }

    /// <summary>Counts a finished message of a channel.</summary>
    public void Count(int channel, ulong ordinal)
    {
        if (channel >= _ranges.Length)
            Array.Resize(ref _ranges, Math.Max(channel + 1, _ranges.Length * 2));
        ref OrdinalRange range = ref _ranges[channel];
        if (range.Count == 0)
            range.First = ordinal;
        range.Count++;
    }

    /// <summary>From the start again, for a new connection.</summary>
    public void Rewind()
    {
        SendOffset = 0;
        for (int i = 0; i < _ranges.Length; i++)
            _ranges[i].Given = 0;
    }

    /// <summary>Nothing in it is needed any more.</summary>
    public bool IsDurable(ReadOnlySpan<ulong> durable)
    {
        for (int channel = 0; channel < _ranges.Length; channel++)
        {
            OrdinalRange range = _ranges[channel];
            if (range.Count > 0
                && (channel >= durable.Length || range.First + range.Count - 1 > durable[channel]))
                return false;
        }

        return true;
    }

    /// <summary>Messages of it that are not durable.</summary>
    public ulong CountUndurable(ReadOnlySpan<ulong> durable)
    {
        ulong count = 0;
        for (int channel = 0; channel < _ranges.Length; channel++)
        {
            OrdinalRange range = _ranges[channel];
            ulong until = channel < durable.Length ? durable[channel] : 0;
            ulong last = range.First + range.Count - 1;
            if (range.Count > 0 && last > until)
                count += Math.Min(range.Count, last - until);
        }

        return count;
    }

    /// <summary>Used anew, under a new id.</summary>
    public void Reset(long id)
    {
        Id = id;
        Reserved = 0;
        SendOffset = 0;
        Array.Clear(_ranges);
    }

    /// <summary>
    /// Gives finished records from <see cref="SendOffset"/> on, as far as their channels' ordinals follow on
    /// <paramref name="expected"/>, which moves on with them. Empty: nothing is finished there, or
    /// <paramref name="jump"/> tells the channel whose ordinals jump.
    /// </summary>
    public ReadOnlyMemory<byte> Give(
        Span<ulong> expected, int bytesMax, out (int Channel, ulong Ordinal)? jump)
    {
        jump = null;
        int begin = SendOffset;
        while (SendOffset < Reserved && _bytes[SendOffset] != Unfilled)
        {
            ReadOnlySpan<byte> record = _bytes.AsSpan(SendOffset);
            int recordBytes = PrefixBytes + (int)BinaryPrimitives.ReadUInt64LittleEndian(record[1..]);
            if (SendOffset > begin && SendOffset + recordBytes - begin > bytesMax)
                break;
            if (record[0] != (byte)IngestOpcode.Padding)
            {
                int channel =
                    SourceChannelIds.ToIndex(BinaryPrimitives.ReadUInt16LittleEndian(record[PrefixBytes..]));
                ref OrdinalRange range = ref _ranges[channel];
                ulong ordinal = range.First + range.Given;
                if (expected[channel] != ordinal)
                {
                    if (SendOffset == begin)
                        jump = (channel, ordinal);
                    break;
                }

                range.Given++;
                expected[channel]++;
            }

            SendOffset += recordBytes;
        }

        return _bytes.AsMemory(begin, SendOffset - begin);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private struct OrdinalRange
    {
        public ulong First;
        public ulong Count;
        public ulong Given;
    }
}

/// <summary>A source's channels are numbered 0, 1, 2, …; MCAP's channel ids begin at 1.</summary>
internal static class SourceChannelIds
{
    public const int Max = ushort.MaxValue;

    public static ushort FromIndex(int index) => (ushort)(index + 1);

    public static int ToIndex(ushort channelId) => channelId - 1;
}
