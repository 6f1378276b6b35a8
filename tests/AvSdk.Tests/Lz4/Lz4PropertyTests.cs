using System.Buffers;
using AvSdk.Lz4;
using FsCheck;
using FsCheck.Fluent;

namespace AvSdk.Tests.Lz4;

public class Lz4PropertyTests
{
    private static readonly Gen<byte[]> Content =
        from parts in Gen.ListOf(Part())
        select parts.SelectMany(part => part).ToArray();

    private static readonly Gen<int> Level = Gen.Elements(0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

    private static readonly Gen<Lz4FrameOptions> Options =
        from size in Gen.Choose(4, 7)
        from bits in Gen.Choose(0, 15)
        from level in Level
        select new Lz4FrameOptions
        {
            BlockSize = (Lz4BlockSize)size,
            LinkedBlocks = (bits & 1) != 0,
            BlockChecksums = (bits & 2) != 0,
            ContentChecksum = (bits & 4) != 0,
            WriteContentSize = (bits & 8) != 0,
            Level = level,
        };

    [Fact]
    public void Any_content_survives_a_block_at_any_level() => Check(
        from content in Content from level in Level select (content, level), sample =>
    {
        byte[] content = sample.content;
        byte[] block = new byte[Lz4Block.CompressBound(content.Length)];
        int blockBytes = Lz4Block.Compress(content, block, sample.level);
        byte[] decoded = new byte[content.Length];
        return Lz4Block.TryDecompress(block.AsSpan(0, blockBytes), decoded, out int written)
            && written == content.Length && decoded.AsSpan().SequenceEqual(content);
    });

    [Fact]
    public void No_content_is_larger_at_a_level_above_3_but_for_noise() => Check(
        from content in Content from level in Gen.Choose(4, 12) select (content, level), sample =>
    {
        byte[] block = new byte[Lz4Block.CompressBound(sample.content.Length)];
        int least = Lz4Block.Compress(sample.content, block, 3);
        return Lz4Block.Compress(sample.content, block, sample.level) <= (least * 1.01) + 8;
    });

    [Fact]
    public void Any_content_ends_at_any_level_as_the_format_asks() => Check(
        from content in Content from level in Level select (content, level), sample =>
    {
        byte[] block = new byte[Lz4Block.CompressBound(sample.content.Length)];
        int blockBytes = Lz4Block.Compress(sample.content, block, sample.level);
        BlockSequences.AssertEnd(block[..blockBytes], sample.content.Length);
        return true;
    });

    [Fact]
    public void Any_content_survives_any_frame() => Check(
        from content in Content from options in Options select (content, options), sample =>
    {
        byte[] frame = Lz4FrameTests.Compress(sample.content, sample.options);
        return Lz4FrameTests.Decompress(frame, sample.content.Length).AsSpan().SequenceEqual(sample.content);
    });

    [Fact]
    public void Any_pieces_with_any_flushes_survive_the_encoder_and_the_decoder() => Check(
        from parts in Gen.ListOf(Content)
        from options in Options
        from flushes in Gen.ListOf(Gen.Choose(0, 1), parts.Count)
        from room in Gen.Choose(1, 100_000)
        select (parts, options, flushes, room), sample =>
    {
        using Lz4FrameEncoder encoder = new(sample.options);
        ArrayBufferWriter<byte> output = new();
        for (int i = 0; i < sample.parts.Count; i++)
        {
            encoder.Append(sample.parts[i], output);
            if (sample.flushes[i] == 1)
                encoder.Flush(output);
        }

        encoder.Finish(output);
        byte[] decoded = Lz4FrameDecoderTests.DecodeInPieces([output.WrittenSpan.ToArray()], sample.room);
        return decoded.AsSpan().SequenceEqual(sample.parts.SelectMany(part => part).ToArray());
    });

    [Fact]
    public void Any_noise_is_an_error_or_a_content_and_never_an_exception() => Check(
        from noise in Content from room in Gen.Choose(0, 5000) select (noise, room), sample =>
    {
        byte[] destination = new byte[sample.room];
        Lz4Result block = Lz4Block.Decompress(sample.noise, destination, default, out int written);
        byte[] framed = [0x04, 0x22, 0x4D, 0x18, 0x40, 0x40, 0xC0, .. sample.noise];
        Lz4Result frame = Lz4Frame.TryDecompressAll(framed, destination, out int framedBytes);
        using Lz4FrameDecoder decoder = new();
        _ = decoder.Decode(framed, destination, out _, out _);
        return written <= sample.room && framedBytes <= sample.room
            && block.Message.Length > 0 && frame.Message.Length > 0;
    });

    /// <summary>
    /// Literals, runs and repeats: what makes short and long tokens and every small offset.
    /// </summary>
    private static Gen<byte[]> Part() =>
        from kind in Gen.Choose(0, 2)
        from bytes in Gen.Frequency(
            (6, Gen.Choose(0, 40)), (2, Gen.Choose(0, 600)), (1, Gen.Choose(0, 70_000)))
        from period in Gen.Choose(1, 40)
        from seed in Gen.Choose(0, 50)
        select Fill(kind, bytes, period, seed);

    private static byte[] Fill(int kind, int bytes, int period, int seed)
    {
        byte[] data = new byte[bytes];
        new Random(seed).NextBytes(kind == 0 ? data : data.AsSpan(0, Math.Min(period, bytes)));
        for (int i = period; kind == 1 && i < bytes; i++)
            data[i] = data[i - period];
        return data;
    }

    private static void Check<T>(Gen<T> gen, Func<T, bool> property) =>
        Prop.ForAll(gen.ToArbitrary(), property).QuickCheckThrowOnFailure();
}
