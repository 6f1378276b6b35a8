using System.Buffers.Binary;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4FrameTests
{
    private static readonly Lz4FrameOptions Bare = new()
    {
        ContentChecksum = false,
        WriteContentSize = false,
    };

    /// <summary>Every combination of the flags, with each block size.</summary>
    public static TheoryData<int, bool, bool, bool, bool> Flags
    {
        get
        {
            TheoryData<int, bool, bool, bool, bool> flags = [];
            for (int bits = 0; bits < 64; bits++)
            {
                flags.Add(
                    4 + (bits & 3), (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0);
            }

            return flags;
        }
    }

    [Theory]
    [MemberData(nameof(Flags))]
    public void Every_combination_of_flags_survives_the_round_trip(
        int size, bool linked, bool blockChecksums, bool contentChecksum, bool contentSize)
    {
        Lz4FrameOptions options = new()
        {
            BlockSize = (Lz4BlockSize)size,
            LinkedBlocks = linked,
            BlockChecksums = blockChecksums,
            ContentChecksum = contentChecksum,
            WriteContentSize = contentSize,
        };
        foreach (int bytes in (int[])[0, 1, 100, 65_536, 65_537, 1_000_000])
        {
            byte[] source = SampleData.Make("mixed", bytes);
            byte[] frame = Compress(source, options);
            Assert.True(Lz4FrameHeader.TryRead(frame, out Lz4FrameHeader header).IsOk);
            Assert.Equal(linked, header.LinkedBlocks);
            Assert.Equal(blockChecksums, header.BlockChecksums);
            Assert.Equal(contentChecksum, header.ContentChecksum);
            Assert.Equal(contentSize ? (ulong)bytes : null, header.ContentSize);
            Assert.True(header.BlockBytesMax <= 1 << (8 + (2 * size)));
            Assert.Equal(source, Decompress(frame));
        }
    }

    [Fact]
    public void The_empty_frame_has_the_golden_bytes()
    {
        byte[] golden =
        [
            0x04, 0x22, 0x4D, 0x18, 0x6C, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0x09,
            0, 0, 0, 0, 0x05, 0x5D, 0xCC, 0x02,
        ];
        byte[] frame = Compress([], Lz4FrameOptions.Default);
        Assert.Equal(golden, frame);
        Assert.Equal((byte[])[0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0], Compress([], Bare));
    }

    [Fact]
    public void Linked_blocks_are_smaller_than_independent_ones()
    {
        byte[] source = SampleData.Make("text", 500_000);
        Lz4FrameOptions independent = new() { BlockSize = Lz4BlockSize.Max64KiB };
        int linkedBytes = Compress(source, independent with { LinkedBlocks = true }).Length;
        Assert.True(linkedBytes < Compress(source, independent).Length);
    }

    [Fact]
    public void What_does_not_compress_is_stored_and_stays_within_the_bound()
    {
        byte[] noise = SampleData.Make("noise", 200_000);
        Lz4FrameOptions options = new() { BlockSize = Lz4BlockSize.Max64KiB, BlockChecksums = true };
        byte[] frame = Compress(noise, options);
        Assert.Equal(15 + noise.Length + (4 * 8) + 8, frame.Length);
        Assert.Equal(Lz4Frame.CompressBound(noise.Length, options), frame.Length);
        Assert.Equal(noise, Decompress(frame));
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        byte[] source = SampleData.Make("text", 3000);
        int exact = Compress(source, Lz4FrameOptions.Default).Length;
        for (int room = 0; room < exact; room++)
            Assert.Equal(0, Lz4Frame.Compress(source, new byte[room], Lz4FrameOptions.Default));
        Assert.Equal(exact, Lz4Frame.Compress(source, new byte[exact], Lz4FrameOptions.Default));
    }

    [Fact]
    public void Concatenated_and_skippable_frames_are_one_content()
    {
        byte[] first = SampleData.Make("text", 1000);
        byte[] second = SampleData.Make("sensor", 2000);
        byte[] one = Compress(first, Lz4FrameOptions.Default);
        byte[] two = Compress(second, Bare);
        byte[] before = [.. Skippable(0, 5), .. Skippable(15, 0)];
        byte[] all = [.. before, .. one, .. Skippable(7, 300), .. two, .. Skippable(1, 1)];
        byte[] destination = new byte[3000];
        Assert.True(Lz4Frame.TryDecompressAll(all, destination, out int written).IsOk);
        Assert.Equal([.. first, .. second], destination[..written]);

        Assert.True(Lz4Frame.TryDecompress(all, destination, out int consumed, out written).IsOk);
        Assert.Equal(before.Length + one.Length, consumed);
        Assert.Equal(first, destination[..written]);
    }

    [Fact]
    public void Every_truncation_is_an_error_that_says_where()
    {
        Lz4FrameOptions[] kinds = [Lz4FrameOptions.Default, Bare with { BlockChecksums = true }];
        foreach (Lz4FrameOptions options in kinds)
        {
            byte[] frame = [.. Skippable(3, 9), .. Compress(SampleData.Make("text", 900), options)];
            byte[] destination = new byte[1000];
            for (int cut = 0; cut < frame.Length; cut++)
            {
                if (cut == 17)
                    continue;
                Lz4Result result = Lz4Frame.TryDecompress(frame.AsSpan(0, cut), destination, out _, out _);
                Assert.Equal(Lz4Error.Truncated, result.Error);
                Assert.InRange(result.Offset, 0, cut);
                Assert.True(result.Expected > result.Found);
            }
        }
    }

    [Fact]
    public void Every_single_flipped_bit_is_found()
    {
        byte[] source = SampleData.Make("text", 600);
        Lz4FrameOptions options = new() { BlockChecksums = true };
        byte[] frame = Compress(source, options);
        byte[] destination = new byte[700];
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Lz4Result result = Lz4Frame.TryDecompress(frame, destination, out int consumed, out int written);
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(result.IsOk, $"bit {bit}");
            Assert.Equal((0, 0), (consumed, written));
            Assert.InRange(result.Offset, 0, frame.Length);
            Assert.StartsWith("LZ4, byte ", result.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Lz4Error.BadMagic, 0, 0x05, 0u)]
    [InlineData(Lz4Error.UnsupportedVersion, 4, 0x80, 4u)]
    [InlineData(Lz4Error.ReservedBit, 4, 0x62, 4u)]
    [InlineData(Lz4Error.ReservedBit, 5, 0xC0, 5u)]
    [InlineData(Lz4Error.ReservedBit, 5, 0x41, 5u)]
    [InlineData(Lz4Error.BadBlockSizeCode, 5, 0x30, 5u)]
    [InlineData(Lz4Error.HeaderChecksumMismatch, 6, 0x00, 6u)]
    public void A_wrong_header_field_has_its_own_error(Lz4Error error, int at, byte value, uint offset)
    {
        byte[] frame = Compress(SampleData.Make("text", 100), Bare);
        frame[at] = value;
        Lz4Result result = Lz4Frame.TryDecompress(frame, new byte[200], out _, out _);
        Assert.Equal(error, result.Error);
        Assert.Equal(offset, result.Offset);
        Assert.NotEqual(result.Expected, result.Found);
    }

    [Fact]
    public void A_legacy_frame_and_a_dictionary_have_clear_errors()
    {
        byte[] legacy = [0x02, 0x21, 0x4C, 0x18, 0, 0, 0, 0, 0];
        Lz4Result result = Lz4Frame.TryDecompress(legacy, new byte[10], out _, out _);
        Assert.Equal(Lz4Error.LegacyFrame, result.Error);
        Assert.Contains("legacy", result.Message, StringComparison.Ordinal);

        byte[] dictionary = [0x04, 0x22, 0x4D, 0x18, 0x61, 0x40, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        dictionary[10] = (byte)(XxHash32.Compute(dictionary.AsSpan(4, 6)) >> 8);
        result = Lz4Frame.TryDecompress(dictionary, new byte[10], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.DictionaryRequired, 6, 0, 7), result);
        Assert.Contains("dictionary 7", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_longer_than_the_frame_allows_is_refused_before_it_is_sliced()
    {
        byte[] frame = Compress(SampleData.Make("text", 100), Bare);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(7), 65_537);
        Lz4Result result = Lz4Frame.TryDecompress(frame, new byte[200], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.BlockTooLarge, 7, 65_536, 65_537), result);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(7), 0xFFFFFFFF);
        result = Lz4Frame.TryDecompress(frame, new byte[200], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.BlockTooLarge, 7, 65_536, 0x7FFFFFFF), result);
    }

    [Fact]
    public void A_block_that_decodes_to_more_than_the_frame_allows_is_refused()
    {
        byte[] block = new byte[1000];
        int blockBytes = Lz4Block.Compress(new byte[65_537], block);
        byte[] header = Compress([], Bare)[..7];
        byte[] frame = [.. header, .. BitConverter.GetBytes(blockBytes), .. block[..blockBytes], 0, 0, 0, 0];
        Lz4Result result = Lz4Frame.TryDecompress(frame, new byte[100_000], out _, out _);
        Assert.Equal(Lz4Error.BlockTooLarge, result.Error);
        Assert.Equal(65_536u, result.Expected);
    }

    [Fact]
    public void A_content_size_that_is_wrong_or_absurd_is_an_error()
    {
        byte[] source = SampleData.Make("text", 100);
        byte[] frame = Compress(source, Lz4FrameOptions.Default);
        SetContentSize(frame, 99);
        Lz4Result result = Lz4Frame.TryDecompress(frame, new byte[200], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.ContentSizeMismatch, 6, 99, 100), result);
        SetContentSize(frame, 1UL << 60);
        result = Lz4Frame.TryDecompress(frame, new byte[200], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.DestinationTooSmall, 6, 1UL << 60, 200), result);
    }

    [Fact]
    public void Hot_paths_allocate_nothing()
    {
        byte[] source = SampleData.Make("mixed", 300_000);
        byte[] frame = new byte[400_000];
        byte[] content = new byte[300_000];
        Lz4FrameOptions options = new()
        {
            BlockSize = Lz4BlockSize.Max64KiB,
            LinkedBlocks = true,
            BlockChecksums = true,
        };
        for (int warm = 0; warm < 2; warm++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int written = Lz4Frame.Compress(source, frame, options);
            bool read = Lz4Frame.TryDecompress(frame.AsSpan(0, written), content, out _, out _).IsOk;
            int block = Lz4Block.Compress(source, frame);
            bool readBlock = Lz4Block.TryDecompress(frame.AsSpan(0, block), content, out _);
            block = Lz4Block.Compress(source.AsSpan(0, 5000), frame);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(read && readBlock && block > 0);
            if (warm == 1)
                Assert.Equal(0, allocated);
        }
    }

    internal static byte[] Skippable(int variant, int bytes)
    {
        byte[] frame = new byte[8 + bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, 0x184D2A50u + (uint)variant);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), bytes);
        return frame;
    }

    internal static byte[] Compress(byte[] source, Lz4FrameOptions options)
    {
        byte[] destination = new byte[Lz4Frame.CompressBound(source.Length, options)];
        int written = Lz4Frame.Compress(source, destination, options);
        Assert.InRange(written, 1, destination.Length);
        return destination[..written];
    }

    internal static byte[] Decompress(byte[] frame, int bytesMax = 10_000_000)
    {
        byte[] destination = new byte[bytesMax];
        Lz4Result result = Lz4Frame.TryDecompressAll(frame, destination, out int written);
        Assert.True(result.IsOk, result.Message);
        return destination[..written];
    }

    internal static void SetContentSize(byte[] frame, ulong size)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(6), size);
        frame[14] = (byte)(XxHash32.Compute(frame.AsSpan(4, 10)) >> 8);
    }
}
