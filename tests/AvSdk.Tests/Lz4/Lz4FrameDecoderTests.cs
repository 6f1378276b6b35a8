using System.Buffers.Binary;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4FrameDecoderTests
{
    private static readonly Lz4FrameOptions Linked = new()
    {
        BlockSize = Lz4BlockSize.Max64KiB,
        LinkedBlocks = true,
        BlockChecksums = true,
    };

    public static TheoryData<string> Names => ["default", "linked", "bare", "concatenated"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_split_of_the_input_gives_the_same_content(string name)
    {
        (byte[] content, byte[] frames) = Sample(name, 700);
        for (int split = 0; split <= frames.Length; split++)
            Assert.Equal(content, DecodeInPieces([frames[..split], frames[split..]], 1000));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Single_bytes_in_and_any_room_out_give_the_same_content(string name)
    {
        (byte[] content, byte[] frames) = Sample(name, 700);
        byte[][] bytes = [.. frames.Select(b => new[] { b })];
        foreach (int room in (int[])[1, 2, 7, 64, 1000])
            Assert.Equal(content, DecodeInPieces(bytes, room));
    }

    [Theory]
    [InlineData(Lz4BlockSize.Max64KiB, false, 1000)]
    [InlineData(Lz4BlockSize.Max64KiB, true, 1000)]
    [InlineData(Lz4BlockSize.Max64KiB, true, 100_000)]
    [InlineData(Lz4BlockSize.Max64KiB, false, 100_000)]
    [InlineData(Lz4BlockSize.Max256KiB, true, 77_777)]
    [InlineData(Lz4BlockSize.Max1MiB, true, 1_500_000)]
    [InlineData(Lz4BlockSize.Max1MiB, false, 1_500_000)]
    public void Many_blocks_in_odd_pieces_give_the_content(Lz4BlockSize size, bool linked, int room)
    {
        byte[] content = SampleData.Make("mixed", 3_000_000, seed: 5);
        Lz4FrameOptions options = new() { BlockSize = size, LinkedBlocks = linked };
        byte[] frame = Lz4FrameTests.Compress(content, options);
        byte[][] pieces = [.. frame.Chunk(12_345)];
        Assert.Equal(content, DecodeInPieces(pieces, room));
        Assert.Equal(content, DecodeInPieces([frame], room));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_is_found_at_the_end(string name)
    {
        (byte[] content, byte[] frames) = Sample(name, 700);
        byte[] output = new byte[2000];
        int whole = 0;
        for (int cut = 0; cut < frames.Length; cut++)
        {
            using Lz4FrameDecoder decoder = new();
            ReadOnlySpan<byte> part = frames.AsSpan(0, cut);
            Lz4Result result = decoder.Decode(part, output, out int consumed, out int written);
            Assert.True(result.IsOk, result.Message);
            Assert.Equal(cut, consumed);
            Assert.True(content.AsSpan().StartsWith(output.AsSpan(0, written)));
            Lz4Result end = decoder.Finish();
            whole += end.IsOk ? 1 : 0;
            if (!end.IsOk)
            {
                Assert.Equal(Lz4Error.Truncated, end.Error);
                Assert.True(end.Expected > end.Found);
                Assert.InRange(end.Offset, 0, cut);
            }
        }

        // Only between two frames may the input end.
        Assert.Equal(name == "concatenated" ? 3 : 0, whole);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_one_shot_decoder_and_this_one_agree_on_every_flipped_bit(string name)
    {
        (byte[] content, byte[] frames) = Sample(name, 300);
        byte[] one = new byte[100_000];
        byte[] other = new byte[100_000];
        for (int bit = 0; bit < frames.Length * 8; bit++)
        {
            frames[bit / 8] ^= (byte)(1 << (bit % 8));
            Lz4Result result = Lz4Frame.TryDecompressAll(frames, one, out int oneBytes);
            using Lz4FrameDecoder decoder = new();
            Lz4Result streamed = decoder.Decode(frames, other, out _, out int otherBytes);
            if (streamed.IsOk)
                streamed = decoder.Finish();
            frames[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.Equal(result.IsOk, streamed.IsOk);
            if (result.IsOk)
                Assert.Equal(one[..oneBytes], other[..otherBytes]);
            if (result.IsOk && name is "default" or "linked")
                Assert.Equal(content, one[..oneBytes]);
        }
    }

    [Fact]
    public void An_error_stays_until_the_decoder_is_reset()
    {
        (byte[] content, byte[] frame) = Sample("default", 500);
        frame[^1] ^= 1;
        byte[] output = new byte[1000];
        using Lz4FrameDecoder decoder = new();
        Lz4Result result = decoder.Decode(frame, output, out _, out int written);
        Assert.Equal(Lz4Error.ContentChecksumMismatch, result.Error);
        Assert.Equal(frame.Length - 4, result.Offset);
        Assert.Equal(content, output[..written]);
        Assert.Equal(result, decoder.Decode(frame, output, out int consumed, out written));
        Assert.Equal((0, 0), (consumed, written));
        Assert.Equal(result, decoder.Finish());

        decoder.Reset();
        frame[^1] ^= 1;
        Assert.True(decoder.Decode(frame, output, out _, out written).IsOk);
        Assert.True(decoder.Finish().IsOk);
        Assert.Equal(content, output[..written]);
    }

    [Fact]
    public void Offsets_count_from_the_first_byte_of_the_first_call()
    {
        (_, byte[] frames) = Sample("concatenated", 500);
        byte[] input = [.. frames, .. "not LZ4"u8];
        using Lz4FrameDecoder decoder = new();
        Lz4Result result = Lz4Result.Ok;
        byte[] output = new byte[2000];
        foreach (byte b in input)
            result = decoder.Decode([b], output, out _, out _);
        uint found = BinaryPrimitives.ReadUInt32LittleEndian("not "u8);
        Assert.Equal(new Lz4Result(Lz4Error.BadMagic, frames.Length, 0x184D2204, found), result);
    }

    [Fact]
    public void A_frame_with_larger_blocks_than_allowed_is_refused()
    {
        byte[] frame = Lz4FrameTests.Compress(SampleData.Make("text", 100_000), new Lz4FrameOptions());
        using Lz4FrameDecoder decoder = new(Lz4BlockSize.Max64KiB);
        Lz4Result result = decoder.Decode(frame, new byte[10], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.BlockTooLarge, 5, 65_536, 262_144), result);
    }

    [Fact]
    public void A_content_size_of_two_to_the_sixty_allocates_nothing()
    {
        (byte[] content, byte[] frame) = Sample("default", 500);
        Lz4FrameTests.SetContentSize(frame, 1UL << 60);
        byte[] output = new byte[1000];
        using Lz4FrameDecoder decoder = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Lz4Result result = decoder.Decode(frame, output, out _, out int written);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal((Lz4Error.ContentSizeMismatch, 6), (result.Error, result.Offset));
        Assert.Equal((1UL << 60, 500UL), (result.Expected, result.Found));
        Assert.Equal(content.Length, written);
    }

    [Fact]
    public void Content_beyond_the_content_size_is_an_error()
    {
        (_, byte[] frame) = Sample("default", 500);
        Lz4FrameTests.SetContentSize(frame, 499);
        using Lz4FrameDecoder decoder = new();
        Lz4Result result = decoder.Decode(frame, new byte[1000], out _, out _);
        Assert.Equal(new Lz4Result(Lz4Error.ContentSizeMismatch, 6, 499, 500), result);
    }

    [Fact]
    public void Decoding_in_pieces_allocates_nothing_once_it_is_warm()
    {
        byte[] frame = Lz4FrameTests.Compress(SampleData.Make("mixed", 500_000), Linked);
        byte[] output = new byte[10_000];
        using Lz4FrameDecoder decoder = new();
        long allocated = -1;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int at = 0; at < frame.Length;)
            {
                ReadOnlySpan<byte> piece = frame.AsSpan(at, Math.Min(5000, frame.Length - at));
                if (!decoder.Decode(piece, output, out int consumed, out _).IsOk)
                    Assert.Fail("a whole frame");
                at += consumed;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.True(decoder.IsBetweenFrames);
        Assert.Equal(0, allocated);
    }

    internal static byte[] DecodeInPieces(IEnumerable<byte[]> pieces, int room)
    {
        using Lz4FrameDecoder decoder = new();
        using MemoryStream content = new();
        byte[] output = new byte[room];
        foreach (byte[] piece in pieces)
        {
            int at = 0;
            int written;
            do
            {
                Lz4Result result = decoder.Decode(piece.AsSpan(at), output, out int consumed, out written);
                Assert.True(result.IsOk, result.Message);
                content.Write(output, 0, written);
                at += consumed;
            }
            while (at < piece.Length || written == room);
        }

        Assert.True(decoder.Finish().IsOk);
        Assert.True(decoder.IsBetweenFrames);
        return content.ToArray();
    }

    private static (byte[] Content, byte[] Frames) Sample(string name, int bytes)
    {
        byte[] content = SampleData.Make("text", bytes);
        Lz4FrameOptions bare = new() { ContentChecksum = false, WriteContentSize = false };
        return name switch
        {
            "default" => (content, Lz4FrameTests.Compress(content, Lz4FrameOptions.Default)),
            "linked" => (content, Lz4FrameTests.Compress(content, Linked)),
            "bare" => (content, Lz4FrameTests.Compress(content, bare)),
            _ => ([.. content, .. content],
                [
                    .. Lz4FrameTests.Skippable(2, 20), .. Lz4FrameTests.Compress(content, Linked),
                    .. Lz4FrameTests.Skippable(9, 0), .. Lz4FrameTests.Compress(content, bare),
                ]),
        };
    }
}
