using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class ChunkBodyTests
{
    [Fact]
    public void Every_truncation_of_a_body_is_refused_or_a_shorter_body()
    {
        byte[] body = Body(ChunkCompression.Lz4);
        Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo whole));
        HashSet<int> recordEnds = [whole.ChunkRecordBytes];
        foreach (ChunkBodyChannel channel in whole.Channels)
            recordEnds.Add(channel.IndexOffset + channel.IndexBytes);
        for (int length = 0; length < body.Length; length++)
        {
            bool parsed = ChunkBody.TryParse(
                body.AsSpan(0, length), McapLimits.Default, out _, out McapError error);
            Assert.Equal(recordEnds.Contains(length), parsed);
            if (!parsed)
                Assert.Equal(McapErrorKind.Truncated, error.Kind);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_records_is_found()
    {
        foreach (ChunkCompression compression in new[] { ChunkCompression.None, ChunkCompression.Lz4 })
        {
            byte[] body = Body(compression);
            Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo info));
            using IMemoryOwner<byte> plain = ChunkBody.Decompress(body);
            for (int bit = 0; bit < info.RecordsBytes * 8; bit += 5)
            {
                byte[] damaged = [.. body];
                damaged[info.RecordsOffset + (bit / 8)] ^= (byte)(1 << (bit % 8));
                if (ChunkBody.TryDecompress(
                    damaged, info, McapLimits.Default, out IMemoryOwner<byte>? got, out McapError error))
                {
                    // Another match of the same bytes decompresses to the same records: no harm done.
                    Assert.Equal("lz4", compression.Name);
                    Assert.Equal(plain.Memory.Span, got.Memory.Span);
                    got.Dispose();
                    continue;
                }

                Assert.Contains(error.Kind,
                    new[] { McapErrorKind.CrcMismatch, McapErrorKind.DecompressionFailed });
            }
        }
    }

    [Fact]
    public void A_length_of_two_to_the_sixty_allocates_nothing()
    {
        byte[] body = Body(ChunkCompression.Lz4);
        // The uncompressed size, and the length of the records.
        foreach (int at in new[] { 9 + 16, 9 + 28 + 4 + 3 })
        {
            byte[] damaged = [.. body];
            BinaryPrimitives.WriteUInt64LittleEndian(damaged.AsSpan(at), 1UL << 60);
            ChunkBody.TryParse(damaged, McapLimits.Default, out _, out _);
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool parsed = ChunkBody.TryParse(damaged, McapLimits.Default, out _, out McapError error);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);
            Assert.False(parsed);
            Assert.Contains(error.Kind,
                new[] { McapErrorKind.LengthOverLimit, McapErrorKind.LengthMismatch });
        }
    }

    [Fact]
    public void A_size_that_so_few_bytes_cannot_decompress_to_is_refused_before_memory_is_rented()
    {
        byte[] body = Body(ChunkCompression.Lz4);
        BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(9 + 16), 1 << 30);
        McapException thrown = Assert.Throws<McapException>(() => ChunkBody.Decompress(body));
        Assert.Equal(McapErrorKind.LengthMismatch, thrown.Error.Kind);
    }

    [Fact]
    public void A_chunk_over_the_limit_is_refused_with_its_remedy()
    {
        byte[] body = Body(ChunkCompression.None);
        Assert.False(
            ChunkBody.TryParse(body, new McapLimits { ChunkBytesMax = 100 }, out _, out McapError error));
        Assert.Equal(McapErrorKind.LengthOverLimit, error.Kind);
        Assert.Contains("McapLimits", error.Message, StringComparison.Ordinal);
        Assert.False(ChunkBody.TryParse(body, new McapLimits { RecordBytesMax = 100 }, out _, out error));
        Assert.Equal(McapErrorKind.LengthOverLimit, error.Kind);
    }

    [Fact]
    public void Another_record_in_a_body_is_refused()
    {
        ArrayBufferWriter<byte> output = new();
        output.Write(Body(ChunkCompression.Lz4));
        McapRecordWriter.WritePrivate(output, 0x80, "x"u8);
        Assert.False(ChunkBody.TryParse(output.WrittenSpan, McapLimits.Default, out _, out McapError error));
        Assert.Equal(McapErrorKind.UnexpectedRecord, error.Kind);
        Assert.Equal(output.WrittenCount - 10, error.Offset);
    }

    [Fact]
    public void An_unknown_compression_is_named()
    {
        ArrayBufferWriter<byte> output = new();
        byte[] body = Body(ChunkCompression.Lz4);
        "xz9"u8.CopyTo(body.AsSpan(9 + 28 + 4));
        McapException thrown = Assert.Throws<McapException>(() => ChunkBody.Decompress(body));
        Assert.Equal(McapErrorKind.UnknownCompression, thrown.Error.Kind);
        Assert.Contains("xz9", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_library_of_Zstandard_the_error_names_the_package_to_install()
    {
        ZstdCodec absent = new("libzstd-that-is-not-there.so.1");
        Assert.False(absent.IsAvailable);
        Assert.False(ChunkDecompressor.TryDecompress(
            [1, 2, 3], new ChunkSizes(3, 0, "zstd"), absent, McapLimits.Default, true, out _,
            out McapError error));
        Assert.Equal(McapErrorKind.CompressionUnavailable, error.Kind);
        Assert.Contains("apt-get install libzstd1", error.Message, StringComparison.Ordinal);
    }

    internal static byte[] Body(ChunkCompression compression)
    {
        using ChunkBuilder builder = new();
        for (int i = 0; i < 40; i++)
            builder.AddMessage((ushort)(1 + (i % 3)), (uint)i, (ulong)i, (ulong)i, 20).Fill((byte)(i / 2));
        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(compression, output);
        return output.WrittenSpan.ToArray();
    }
}
