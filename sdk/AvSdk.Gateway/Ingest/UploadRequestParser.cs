using System.Buffers;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// Parses requests as the generated parser does, but the bytes of a part into memory that is used again: an array for each
/// would be one on the large-object heap.
/// </summary>
/// <remarks>
/// A part's data is good until <see cref="Release"/>, which is due before the next request is waited for: ten thousand quiet
/// streams hold nothing. One stream's; one caller at a time.
/// </remarks>
internal sealed class UploadRequestParser
{
    // Field numbers of UploadRequest and Part, with wire type 2 (length-delimited) or 0 (varint).
    private const byte PartTag = (UploadRequest.PartFieldNumber << 3) | 2;
    private const byte RefTag = (Part.RefFieldNumber << 3) | 2;
    private const byte OffsetTag = Part.OffsetFieldNumber << 3;
    private const byte DataTag = (Part.DataFieldNumber << 3) | 2;
    private byte[] _data = [];

    /// <exception cref="InvalidProtocolBufferException">It is no request.</exception>
    public UploadRequest Parse(ReadOnlySequence<byte> message) =>
        TryParsePart(message) ?? UploadRequest.Parser.ParseFrom(message);

    /// <summary>The last request is done with.</summary>
    public void Release()
    {
        byte[] data = _data;
        _data = [];
        if (data.Length > 0)
            ArrayPool<byte>.Shared.Return(data);
    }

    // Null: whatever is not a part as every known writer writes it, each field at most once, is for the generated parser.
    private UploadRequest? TryParsePart(ReadOnlySequence<byte> message)
    {
        SequenceReader<byte> reader = new(message);
        if (!reader.IsNext(PartTag, advancePast: true) || !TryReadLength(ref reader, out long bytes) || bytes != reader.Remaining)
            return null;
        ChunkRef? name = null;
        ulong offset = 0;
        ReadOnlySequence<byte>? data = null;
        byte last = 0;
        while (reader.TryRead(out byte tag))
        {
            // In the order of their numbers, so none comes twice.
            if (tag <= last)
                return null;
            last = tag;
            if (tag == RefTag && TryReadBytes(ref reader, out ReadOnlySequence<byte> written))
                name = ChunkRef.Parser.ParseFrom(written);
            else if (tag == DataTag && TryReadBytes(ref reader, out written))
                data = written;
            else if (tag != OffsetTag || !TryReadVarint(ref reader, out offset))
                return null;
        }

        Part part = new() { Ref = name, Offset = offset };
        if (data is { } body)
            part.Data = Keep(body);
        return new UploadRequest { Part = part };
    }

    private ByteString Keep(ReadOnlySequence<byte> body)
    {
        int bytes = (int)body.Length;
        Release();
        _data = ArrayPool<byte>.Shared.Rent(bytes);
        body.CopyTo(_data);
        return UnsafeByteOperations.UnsafeWrap(_data.AsMemory(0, bytes));
    }

    private static bool TryReadBytes(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return TryReadLength(ref reader, out long length) && reader.TryReadExact((int)length, out bytes);
    }

    private static bool TryReadLength(ref SequenceReader<byte> reader, out long length)
    {
        bool isRead = TryReadVarint(ref reader, out ulong value);
        length = (long)Math.Min(value, int.MaxValue);
        return isRead && value <= int.MaxValue;
    }

    // Base 128, the low bits first; ten bytes at most (Protocol Buffers, Encoding: Base 128 Varints).
    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (!reader.TryRead(out byte next))
                return false;
            if (shift == 63 && next > 1)
                return false;
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }
}
