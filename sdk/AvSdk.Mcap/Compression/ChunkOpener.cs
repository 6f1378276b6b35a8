using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>From a Chunk record as it stands in the file, with what its index says of it, to plain records.</summary>
internal static class ChunkOpener
{
    /// <summary>
    /// Plain records, which the caller disposes; CRC checked as the options say. Owns <paramref name="bytes"/>, the
    /// whole record: those of a plain chunk are handed on, not copied.
    /// </summary>
    /// <exception cref="McapException">The record is not what the index says, or it is not good.</exception>
    public static McapBytes Open(McapBytes bytes, McapChunkIndex index, McapReadOptions options)
    {
        bool handedOn = false;
        try
        {
            McapBytes records = Open(bytes, index, options, out handedOn);
            return records;
        }
        finally
        {
            if (!handedOn)
                bytes.Dispose();
        }
    }

    private static McapBytes Open(McapBytes bytes, McapChunkIndex index, McapReadOptions options, out bool handedOn)
    {
        handedOn = false;
        ReadOnlySpan<byte> span = bytes.Memory.Span;
        long offset = (long)index.ChunkStartOffset;
        McapReadStatus status = McapRecordReader.TryRead(
            span, options.Limits, out McapRecordView record, out McapError error);
        if (status != McapReadStatus.Ok || record.Opcode != McapOpcode.Chunk || record.TotalBytes != span.Length)
        {
            throw RecordRange.Mismatch(offset, $"a Chunk record of {span.Length} bytes",
                status == McapReadStatus.Error ? "no record" : $"{record.Opcode} of {record.TotalBytes} bytes");
        }

        if (!McapRecordReader.TryParseChunk(record.Content, options.Limits, out McapChunkView chunk, out error))
            throw new McapException(error.In(offset + McapFormat.RecordPrefixBytes));
        if (chunk.MessageStartTime != index.MessageStartTime || chunk.MessageEndTime != index.MessageEndTime)
        {
            throw RecordRange.Mismatch(offset, $"log times {index.MessageStartTime} to {index.MessageEndTime}",
                $"{chunk.MessageStartTime} to {chunk.MessageEndTime}");
        }

        if (chunk.UncompressedSize != index.UncompressedSize || chunk.Compression != index.Compression)
        {
            throw RecordRange.Mismatch(offset,
                $"{index.UncompressedSize} bytes of records, compressed by \"{index.Compression}\"",
                $"{chunk.UncompressedSize}, \"{chunk.Compression}\"");
        }

        if (chunk.Compression.Length == 0)
        {
            if (options.CheckCrcs && !ChunkDecompressor.TryCheckCrc(chunk.Records, chunk.UncompressedCrc, out error))
                throw new McapException(error.In(offset));
            handedOn = true;
            return bytes.Slice(span.Overlaps(chunk.Records, out int at) ? at : 0, chunk.Records.Length);
        }

        ChunkSizes sizes = new((long)chunk.UncompressedSize, chunk.UncompressedCrc, chunk.Compression);
        return ChunkDecompressor.TryDecompress(chunk.Records, sizes, ChunkCodecs.Find(sizes.Compression),
            options.Limits, options.CheckCrcs, out IMemoryOwner<byte>? records, out error, options.Pool)
            ? new McapBytes(records.Memory, records)
            : throw new McapException(error.In(offset));
    }
}
