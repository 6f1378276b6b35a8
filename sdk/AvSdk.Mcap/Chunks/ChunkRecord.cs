using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>Writes a Chunk record, its records compressed straight into the output.</summary>
internal static class ChunkRecord
{
    public static (int RecordBytes, int CompressedBytes, string Compression) Write(
        ulong messageStartTime,
        ulong messageEndTime,
        ReadOnlySpan<byte> records,
        ChunkCompression compression,
        IBufferWriter<byte> output)
    {
        uint crc = Crc32.Compute(records);
        IChunkCodec? codec = records.IsEmpty ? null : ChunkCodecs.Find(compression.Name);
        if (codec is { IsAvailable: false })
        {
            McapError error =
                new(McapErrorKind.CompressionUnavailable, 0, $"a library for {codec.Name}", "none");
            throw new McapException(error);
        }

        int room = codec is null ? records.Length
            : Math.Max(codec.CompressBound(records.Length), records.Length);
        Span<byte> span = output.GetSpan(checked(BytesBeforeRecords(codec?.Name ?? "") + room));
        int compressedBytes = 0;
        if (codec is not null)
        {
            compressedBytes = codec.Compress(records, span[BytesBeforeRecords(codec.Name)..]);
            if (compressedBytes > compression.PlainAbove * records.Length)
                codec = null;
        }

        string name = codec?.Name ?? "";
        int before = BytesBeforeRecords(name);
        if (codec is null)
        {
            records.CopyTo(span[before..]);
            compressedBytes = records.Length;
        }

        FieldWriter fields = new(span);
        fields.Prefix(McapOpcode.Chunk, before - McapFormat.RecordPrefixBytes + compressedBytes);
        fields.UInt64(messageStartTime);
        fields.UInt64(messageEndTime);
        fields.UInt64((ulong)records.Length);
        fields.UInt32(crc);
        fields.Text(name);
        fields.UInt64((ulong)compressedBytes);
        output.Advance(before + compressedBytes);
        return (before + compressedBytes, compressedBytes, name);
    }

    private static int BytesBeforeRecords(string compression) =>
        McapFormat.RecordPrefixBytes + McapFormat.ChunkFixedBytes + FieldWriter.TextBytes(compression) + 8;
}
