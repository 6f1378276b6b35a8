using System.Buffers;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4FrameEncoderTests
{
    [Theory]
    [MemberData(nameof(Lz4FrameTests.Flags), MemberType = typeof(Lz4FrameTests))]
    public void Content_in_pieces_survives_the_round_trip(
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
        byte[] content = SampleData.Make("mixed", 1_200_000, seed: size);
        Random random = new(size);
        using Lz4FrameEncoder encoder = new(options, contentSize ? content.Length : null);
        ArrayBufferWriter<byte> output = new();
        for (int at = 0; at < content.Length;)
        {
            int take = Math.Min(random.Next(0, 200_000), content.Length - at);
            encoder.Append(content.AsSpan(at, take), output);
            at += take;
        }

        encoder.Finish(output);
        byte[] frame = output.WrittenSpan.ToArray();
        Assert.Equal(content, Lz4FrameTests.Decompress(frame));
        Assert.True(Lz4FrameHeader.TryRead(frame, out Lz4FrameHeader header).IsOk);
        Assert.Equal(contentSize ? (ulong)content.Length : null, header.ContentSize);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    [InlineData(false, 10)]
    [InlineData(true, 10)]
    public void The_pieces_do_not_matter_to_the_bytes_written(bool linked, int level)
    {
        Lz4FrameOptions options = new()
        {
            BlockSize = Lz4BlockSize.Max64KiB,
            LinkedBlocks = linked,
            Level = level,
        };
        byte[] content = SampleData.Make("sensor", 400_000);
        byte[] whole = Lz4FrameTests.Compress(content, options);
        foreach (int piece in (int[])[1000, 65_536, 65_537, 400_000])
        {
            using Lz4FrameEncoder encoder = new(options, content.Length);
            ArrayBufferWriter<byte> output = new();
            foreach (byte[] part in content.Chunk(piece))
                encoder.Append(part, output);
            encoder.Finish(output);
            Assert.Equal(whole, output.WrittenSpan.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_flush_a_reader_has_everything(bool linked)
    {
        Lz4FrameOptions options = new() { LinkedBlocks = linked };
        byte[] content = SampleData.Make("text", 300_000);
        using Lz4FrameEncoder encoder = new(options);
        using Lz4FrameDecoder decoder = new();
        ArrayBufferWriter<byte> output = new();
        byte[] decoded = new byte[content.Length];
        int total = 0;
        foreach (byte[] part in content.Chunk(777))
        {
            output.ResetWrittenCount();
            encoder.Append(part, output);
            encoder.Flush(output);
            encoder.Flush(output);
            Span<byte> room = decoded.AsSpan(total);
            Assert.True(decoder.Decode(output.WrittenSpan, room, out _, out int written).IsOk);
            Assert.Equal(part.Length, written);
            total += written;
        }

        output.ResetWrittenCount();
        encoder.Finish(output);
        Assert.True(decoder.Decode(output.WrittenSpan, [], out _, out _).IsOk);
        Assert.True(decoder.Finish().IsOk);
        Assert.Equal(content, decoded);
    }

    [Fact]
    public void Another_frame_follows_a_reset()
    {
        using Lz4FrameEncoder encoder = new(new Lz4FrameOptions { LinkedBlocks = true });
        ArrayBufferWriter<byte> output = new();
        byte[] content = SampleData.Make("text", 1000);
        encoder.Append(SampleData.Make("noise", 100_000), new ArrayBufferWriter<byte>());
        for (int i = 0; i < 2; i++)
        {
            encoder.Reset(content.Length);
            encoder.Append(content, output);
            encoder.Finish(output);
        }

        Assert.Equal([.. content, .. content], Lz4FrameTests.Decompress(output.WrittenSpan.ToArray()));
    }

    [Fact]
    public void A_finished_frame_takes_no_more_and_a_wrong_length_is_refused()
    {
        ArrayBufferWriter<byte> output = new();
        using Lz4FrameEncoder encoder = new(Lz4FrameOptions.Default, 10);
        encoder.Append(new byte[9], output);
        Assert.Throws<InvalidOperationException>(() => encoder.Finish(output));
        encoder.Append(new byte[1], output);
        encoder.Finish(output);
        Assert.Throws<InvalidOperationException>(() => encoder.Append([], output));
        Assert.Throws<InvalidOperationException>(() => encoder.Finish(output));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Reset(-1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Lz4FrameEncoder(new Lz4FrameOptions { BlockSize = (Lz4BlockSize)3 }));
    }

    [Fact]
    public void Encoding_allocates_nothing_once_it_is_warm()
    {
        byte[] content = SampleData.Make("mixed", 500_000);
        Lz4FrameOptions options = new() { BlockSize = Lz4BlockSize.Max64KiB, LinkedBlocks = true };
        using Lz4FrameEncoder encoder = new(options);
        ArrayBufferWriter<byte> output = new();
        long allocated = -1;
        for (int round = 0; round < 3; round++)
        {
            output.ResetWrittenCount();
            long before = GC.GetAllocatedBytesForCurrentThread();
            encoder.Reset();
            for (int at = 0; at < content.Length; at += 1000)
                encoder.Append(content.AsSpan(at, 1000), output);
            encoder.Finish(output);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
