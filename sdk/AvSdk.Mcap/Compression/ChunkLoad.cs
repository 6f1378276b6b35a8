using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// One chunk, or run of records outside of chunks, on its way from the source to plain records: first the
/// caller fills <see cref="Target"/> from <see cref="Offset"/>, then <see cref="Decompress"/>.
/// </summary>
internal sealed class ChunkLoad : IDisposable
{
    private readonly McapChunkIndex? _index;
    private readonly McapReadOptions _options;
    private readonly PooledBytes _bytes;

    private ChunkLoad(McapChunkIndex? index, long offset, int length, McapReadOptions options)
    {
        _index = index;
        _options = options;
        Offset = offset;
        _bytes = new PooledBytes(length);
    }

    /// <summary>Where in the file.</summary>
    public long Offset { get; }

    /// <summary>What to fill.</summary>
    public Memory<byte> Target => _bytes.Memory;

    public static ChunkLoad Of(McapChunkIndex index, long fileBytes, McapReadOptions options)
    {
        if (index.ChunkStartOffset > (ulong)fileBytes
            || index.ChunkLength > (ulong)fileBytes - index.ChunkStartOffset)
        {
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, 0,
                $"chunks within the {fileBytes} bytes of the file",
                $"{index.ChunkLength} bytes at {index.ChunkStartOffset}"));
        }

        if (index.ChunkLength > (ulong)Math.Min(options.Limits.RecordBytesMax, Array.MaxLength))
        {
            throw new McapException(new McapError(McapErrorKind.LengthOverLimit, (long)index.ChunkStartOffset,
                $"a chunk of at most {options.Limits.RecordBytesMax} bytes", $"{index.ChunkLength}"));
        }

        return new ChunkLoad(index, (long)index.ChunkStartOffset, (int)index.ChunkLength, options);
    }

    public static ChunkLoad Of(McapScannedRun run, McapReadOptions options) =>
        new(null, run.Offset, checked((int)run.Bytes), options);

    public void CheckRead(int read)
    {
        if (read != Target.Length)
        {
            throw new McapException(new McapError(
                McapErrorKind.Truncated, Offset + read, $"{Target.Length} bytes of a chunk", $"{read}"));
        }
    }

    /// <summary>Plain records, which the caller disposes; CRC checked as the options say.</summary>
    public IMemoryOwner<byte> Decompress()
    {
        ReadOnlySpan<byte> bytes = Target.Span;
        if (_index is null)
        {
            PooledBytes copy = new(bytes.Length);
            bytes.CopyTo(copy.Memory.Span);
            return copy;
        }

        McapReadStatus status = McapRecordReader.TryRead(
            bytes, _options.Limits, out McapRecordView record, out McapError error);
        if (status != McapReadStatus.Ok || record.Opcode != McapOpcode.Chunk
            || record.TotalBytes != bytes.Length)
        {
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, Offset,
                $"a Chunk record of {bytes.Length} bytes, as its index says", Describe(status, record)));
        }

        if (!McapRecordReader.TryParseChunk(record.Content, _options.Limits, out McapChunkView chunk,
            out error))
            throw new McapException(error.In(Offset + McapFormat.RecordPrefixBytes));
        if (chunk.MessageStartTime != _index.MessageStartTime
            || chunk.MessageEndTime != _index.MessageEndTime)
        {
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, Offset,
                $"log times {_index.MessageStartTime} to {_index.MessageEndTime}, as the chunk's index says",
                $"{chunk.MessageStartTime} to {chunk.MessageEndTime}"));
        }

        ChunkSizes sizes = new((long)chunk.UncompressedSize, chunk.UncompressedCrc, chunk.Compression);
        return ChunkDecompressor.TryDecompress(
            chunk.Records, sizes, _options.Limits, _options.CheckCrcs, out IMemoryOwner<byte>? records,
            out error)
            ? records
            : throw new McapException(error.In(Offset));
    }

    public void Dispose() => _bytes.Dispose();

    private static string Describe(McapReadStatus status, McapRecordView record) => status switch
    {
        McapReadStatus.Error => "no record",
        _ => $"{record.Opcode} of {record.TotalBytes} bytes",
    };
}
