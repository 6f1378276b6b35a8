using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Reads a chunk's body: a Chunk record and the MessageIndex records that follow it, byte for byte as they
/// stand in a file. <c>TryParse</c> looks at framing, lengths and indexes alone and never decompresses.
/// </summary>
public static class ChunkBody
{
    /// <summary>As the other overload, with the default limits and without saying what is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ChunkBodyInfo info) =>
        TryParse(body, McapLimits.Default, out info, out _);

    /// <summary>
    /// Reads what a body says of itself. False for anything but one whole Chunk record and whole MessageIndex
    /// records to the end, each channel once, with sizes within <paramref name="limits"/>; then
    /// <paramref name="info"/> must not be used. Does not decompress: the CRC is checked by
    /// <c>TryDecompress</c>.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> body, McapLimits limits, out ChunkBodyInfo info, out McapError error)
    {
        info = null!;
        if (!TryFrame(body, 0, McapOpcode.Chunk, limits, out McapRecordView record, out error))
            return false;
        if (!McapRecordReader.TryParseChunk(record.Content, limits, out McapChunkView chunk, out error))
        {
            error = error.In(McapFormat.RecordPrefixBytes);
            return false;
        }

        int chunkRecordBytes = (int)record.TotalBytes;
        if (!TryParseIndexes(body, chunkRecordBytes, limits, out List<ChunkBodyChannel> channels, out error))
            return false;
        long messages = 0;
        foreach (ChunkBodyChannel channel in channels)
            messages += channel.Messages;
        info = new ChunkBodyInfo
        {
            MessageStartTime = chunk.MessageStartTime,
            MessageEndTime = chunk.MessageEndTime,
            UncompressedBytes = (long)chunk.UncompressedSize,
            UncompressedCrc = chunk.UncompressedCrc,
            Compression = chunk.Compression,
            RecordsOffset = OffsetIn(body, chunk.Records, chunkRecordBytes),
            RecordsBytes = chunk.Records.Length,
            ChunkRecordBytes = chunkRecordBytes,
            BodyBytes = body.Length,
            MessageCount = messages,
            Channels = channels,
        };
        return true;
    }

    /// <summary>The message index of one channel of a parsed body.</summary>
    public static McapMessageIndexView MessageIndex(ReadOnlySpan<byte> body, ChunkBodyChannel channel)
    {
        ReadOnlySpan<byte> content = body.Slice(
            channel.IndexOffset + McapFormat.RecordPrefixBytes,
            channel.IndexBytes - McapFormat.RecordPrefixBytes);
        return McapRecordReader.TryParseMessageIndex(content, out McapMessageIndexView index,
            out McapError error)
            ? index
            : throw new McapException(error.In(channel.IndexOffset + McapFormat.RecordPrefixBytes));
    }

    /// <summary>
    /// Parses a body and decompresses its records, CRC checked. The caller disposes what it gets.
    /// </summary>
    /// <exception cref="McapException">The bytes are not a good body.</exception>
    public static IMemoryOwner<byte> Decompress(ReadOnlySpan<byte> body, McapLimits? limits = null)
    {
        limits ??= McapLimits.Default;
        return TryParse(body, limits, out ChunkBodyInfo info, out McapError error)
            && TryDecompress(body, info, limits, out IMemoryOwner<byte>? records, out error)
            ? records
            : throw new McapException(error);
    }

    /// <summary>
    /// Decompresses the records of a parsed body into memory of exactly their size and checks their CRC,
    /// unless it is 0. The caller disposes <paramref name="records"/>; it is null when the result is false.
    /// </summary>
    public static bool TryDecompress(
        ReadOnlySpan<byte> body,
        ChunkBodyInfo info,
        McapLimits limits,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IMemoryOwner<byte>? records,
        out McapError error)
    {
        ArgumentNullException.ThrowIfNull(info);
        ChunkSizes sizes = new(info.UncompressedBytes, info.UncompressedCrc, info.Compression);
        ReadOnlySpan<byte> compressed = body.Slice(info.RecordsOffset, info.RecordsBytes);
        if (ChunkDecompressor.TryDecompress(compressed, sizes, limits, true, out records, out error))
            return true;
        error = error.In(info.RecordsOffset);
        return false;
    }

    /// <summary>
    /// The messages among a chunk's records, in file order; other records are passed over. A record that does
    /// not fit throws <see cref="McapException"/>, with its offset in <paramref name="records"/>.
    /// </summary>
    public static ChunkMessages Messages(ReadOnlySpan<byte> records) => new(records);

    private static bool TryParseIndexes(
        ReadOnlySpan<byte> body, int at, McapLimits limits, out List<ChunkBodyChannel> channels,
        out McapError error)
    {
        channels = [];
        error = default;
        HashSet<ushort>? seen = null;
        while (at < body.Length)
        {
            if (!TryFrame(body, at, McapOpcode.MessageIndex, limits, out McapRecordView record, out error))
                return false;
            if (!McapRecordReader.TryParseMessageIndex(record.Content, out McapMessageIndexView index,
                out error))
            {
                error = error.In(at + McapFormat.RecordPrefixBytes);
                return false;
            }

            if (!(seen ??= []).Add(index.ChannelId))
            {
                error = new McapError(McapErrorKind.DuplicateKey, at,
                    "one message index for each channel", $"a second one for channel {index.ChannelId}");
                return false;
            }

            channels.Add(new ChunkBodyChannel(index.ChannelId, index.Count, at, (int)record.TotalBytes));
            at += (int)record.TotalBytes;
        }

        return true;
    }

    private static bool TryFrame(
        ReadOnlySpan<byte> body,
        int at,
        McapOpcode expected,
        McapLimits limits,
        out McapRecordView record,
        out McapError error)
    {
        McapReadStatus status = McapRecordReader.TryRead(body[at..], limits, out record, out error);
        if (status == McapReadStatus.Ok && record.Opcode == expected)
            return true;
        error = status switch
        {
            McapReadStatus.Error => error.In(at),
            McapReadStatus.NeedMore => new McapError(McapErrorKind.Truncated, at,
                $"{record.TotalBytes} bytes of a {expected} record", $"{body.Length - at}"),
            _ => new McapError(
                McapErrorKind.UnexpectedRecord, at, $"a {expected} record", $"{record.Opcode}"),
        };
        return false;
    }

    // Not counted from the end: a later specification may add fields after the records.
    private static int OffsetIn(ReadOnlySpan<byte> body, ReadOnlySpan<byte> records, int chunkRecordBytes) =>
        body.Overlaps(records, out int offset) ? offset : chunkRecordBytes;
}
