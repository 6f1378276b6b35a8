using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>Writes a Chunk record, its records compressed straight into the output.</summary>
internal static class ChunkRecord
{
    /// <summary>The most bytes of a Chunk record before its records.</summary>
    public const int HeadBytesMax = McapFormat.RecordPrefixBytes + McapFormat.ChunkFixedBytes + 4 + 4 + 8;

    public static (int RecordBytes, int CompressedBytes, string Compression) Write(
        ulong messageStartTime,
        ulong messageEndTime,
        ReadOnlySpan<byte> records,
        ChunkCompression compression,
        IBufferWriter<byte> output)
    {
        int room = HeadBytesMax + CompressBound(records.Length, compression);
        Span<byte> span = output.GetSpan(room);
        string name = compression.Name;
        int head = HeadBytes(name);
        if (!TryCompress(records, compression, span[head..], out int compressedBytes))
        {
            name = "";
            head = HeadBytes(name);
            records.CopyTo(span[head..]);
            compressedBytes = records.Length;
        }

        WriteHead(span, messageStartTime, messageEndTime, records.Length, Crc32.Compute(records), name,
            compressedBytes);
        output.Advance(head + compressedBytes);
        return (head + compressedBytes, compressedBytes, name);
    }

    /// <summary>Bytes of a Chunk record before its records.</summary>
    public static int HeadBytes(string compression) =>
        McapFormat.RecordPrefixBytes + McapFormat.ChunkFixedBytes + FieldWriter.TextBytes(compression) + 8;

    /// <summary>The most bytes that the records can take.</summary>
    public static int CompressBound(int recordBytes, ChunkCompression compression) =>
        ChunkCodecs.Find(compression.Name) is { IsAvailable: true } codec
            ? Math.Max(codec.CompressBound(recordBytes), recordBytes)
            : recordBytes;

    /// <summary>False: the records are to be stored plain.</summary>
    public static bool TryCompress(
        ReadOnlySpan<byte> records, ChunkCompression compression, Span<byte> destination,
        out int compressedBytes)
    {
        compressedBytes = 0;
        IChunkCodec? codec = records.IsEmpty ? null : ChunkCodecs.Find(compression.Name);
        if (codec is null)
            return false;
        if (!codec.IsAvailable)
        {
            throw new McapException(new McapError(
                McapErrorKind.CompressionUnavailable, 0, $"a library for {codec.Name}", "none"));
        }

        compressedBytes = codec.Compress(records, destination, compression.Level);
        return compressedBytes <= compression.PlainAbove * records.Length;
    }

    /// <summary>Writes what comes before the records.</summary>
    public static void WriteHead(
        Span<byte> destination,
        ulong messageStartTime,
        ulong messageEndTime,
        int uncompressedBytes,
        uint uncompressedCrc,
        string compression,
        int compressedBytes)
    {
        int contentBytes = HeadBytes(compression) - McapFormat.RecordPrefixBytes + compressedBytes;
        FieldWriter fields = new(destination);
        fields.Prefix(McapOpcode.Chunk, contentBytes);
        fields.UInt64(messageStartTime);
        fields.UInt64(messageEndTime);
        fields.UInt64((ulong)uncompressedBytes);
        fields.UInt32(uncompressedCrc);
        fields.Text(compression);
        fields.UInt64((ulong)compressedBytes);
    }
}
