using System.Buffers;
using AvSdk.Grpc;
using AvSdk.Grpc.Framing;
using AvSdk.Tests.Grpc.Interop;

namespace AvSdk.Tests.Grpc;

/// <summary>The five bytes before each message, and what bad ones come to.</summary>
public sealed class MessageFramingTests
{
    private static readonly byte[] Golden = [0, 0, 0, 0, 4, 0x0A, 2, (byte)'h', (byte)'i', 0, 0, 0, 0, 0];

    [Fact]
    public void A_message_is_framed_byte_for_byte_as_specified()
    {
        EchoRequest message = new() { Text = "hi" };
        byte[] frame = new byte[MessageFraming.PrefixBytes + message.CalculateSize()];
        MessageFraming.Write(frame, message, message.CalculateSize());
        Assert.Equal(Golden[..9], frame);
    }

    [Fact]
    public void A_length_is_written_big_end_first()
    {
        byte[] prefix = new byte[5];
        MessageFraming.WritePrefix(prefix, 0x01020304);
        Assert.Equal([0, 1, 2, 3, 4], prefix);
    }

    [Fact]
    public void Every_split_into_two_segments_reads_the_same()
    {
        for (int at = 0; at <= Golden.Length; at++)
        {
            ReadOnlySequence<byte> input = Segments.Of(Golden[..at], Golden[at..]);
            Assert.Equal(
                FrameRead.Ok, MessageFraming.TryRead(
                    ref input, 100, out ReadOnlySequence<byte> first, out _));
            Assert.Equal(Golden[5..9], first.ToArray());
            Assert.Equal(
                FrameRead.Ok, MessageFraming.TryRead(
                    ref input, 100, out ReadOnlySequence<byte> second, out _));
            Assert.True(second.IsEmpty);
            Assert.True(input.IsEmpty);
            Assert.Equal(FrameRead.NeedMore, MessageFraming.TryRead(ref input, 100, out _, out _));
        }
    }

    [Fact]
    public void Single_byte_segments_read_the_same()
    {
        ReadOnlySequence<byte> input = Segments.Of([.. Golden.Select(b => new[] { b })]);
        Assert.Equal(
            FrameRead.Ok, MessageFraming.TryRead(ref input, 4, out ReadOnlySequence<byte> first, out _));
        Assert.Equal(Golden[5..9], first.ToArray());
    }

    [Fact]
    public void Every_truncation_asks_for_more_and_takes_nothing()
    {
        for (int length = 0; length < 9; length++)
        {
            ReadOnlySequence<byte> input = new(Golden, 0, length);
            Assert.Equal(FrameRead.NeedMore, MessageFraming.TryRead(ref input, 100, out _, out _));
            Assert.Equal(length, input.Length);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 4 }, 3, 4u)]
    [InlineData(new byte[] { 0, 0x7F, 0xFF, 0xFF, 0xFF }, 4_194_304, 0x7FFFFFFFu)]
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, 4_194_304, 0xFFFFFFFFu)]
    [InlineData(new byte[] { 0, 0x80, 0, 0, 0 }, int.MaxValue, 0x80000000u)]
    public void A_length_over_the_limit_is_refused_by_its_prefix_alone(byte[] prefix, int limit, uint found)
    {
        Assert.Equal(FrameRead.TooLarge, MessageFraming.ReadPrefix(prefix, limit, out uint messageBytes));
        Assert.Equal(found, messageBytes);
        using FrameBuffer buffer = Fill(prefix, limit);
        GrpcException e = Assert.Throws<GrpcException>(() => buffer.TryRead(out _));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
        Assert.Contains($"{found} bytes", e.Detail, StringComparison.Ordinal);
        Assert.Contains($"MyLimit is {limit}", e.Detail, StringComparison.Ordinal);
        Assert.Contains("or raise MyLimit", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_message_is_unimplemented()
    {
        using FrameBuffer buffer = Fill([1, 0, 0, 0, 1, 9], 100);
        Assert.Equal(
            GrpcStatusCode.Unimplemented,
            Assert.Throws<GrpcException>(() => buffer.TryRead(out _)).StatusCode);
    }

    [Theory]
    [InlineData((byte)2)]
    [InlineData((byte)'<')]
    [InlineData((byte)255)]
    public void Any_other_flag_is_no_grpc_message(byte flag)
    {
        using FrameBuffer buffer = Fill([flag], 100);
        Assert.Equal(
            GrpcStatusCode.Internal, Assert.Throws<GrpcException>(() => buffer.TryRead(out _)).StatusCode);
    }

    [Fact]
    public void The_buffer_gives_back_what_came_in_pieces_of_any_size()
    {
        Random random = new(7);
        List<byte[]> messages =
            [.. Enumerable.Range(0, 60).Select(i => Bytes(random, i % 9 == 0 ? 2_500_000 : i * 997))];
        byte[] stream = [.. messages.SelectMany(Frame)];
        using FrameBuffer buffer = new(4_000_000, "MyLimit");
        int at = 0;
        foreach (byte[] expected in messages)
        {
            ReadOnlySpan<byte> message;
            while (!buffer.TryRead(out message))
            {
                Memory<byte> free = buffer.GetFreeMemory();
                Assert.False(free.IsEmpty);
                int piece = Math.Min(Math.Min(random.Next(1, 300_000), free.Length), stream.Length - at);
                stream.AsSpan(at, piece).CopyTo(free.Span);
                buffer.Commit(piece);
                at += piece;
            }

            Assert.True(message.SequenceEqual(expected));
        }

        Assert.Equal((stream.Length, 0), (at, buffer.BufferedBytes));
    }

    [Fact]
    public void A_claimed_length_gets_no_more_memory_than_what_has_come_warrants()
    {
        using FrameBuffer buffer = Fill([0, 0x3F, 0xFF, 0xFF, 0xFF], int.MaxValue - 64);
        Assert.False(buffer.TryRead(out _));
        Assert.InRange(buffer.GetFreeMemory().Length, 1, 2 * 1024 * 1024);
    }

    [Fact]
    public void Reading_a_small_message_from_the_buffer_allocates_nothing()
    {
        using FrameBuffer buffer = new(1000, "MyLimit");
        byte[] frame = Frame(new byte[100]);
        Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            frame.CopyTo(buffer.GetFreeMemory());
            buffer.Commit(frame.Length);
            if (!buffer.TryRead(out ReadOnlySpan<byte> message) || message.Length != 100)
                throw new InvalidOperationException();
        }
    }

    private static FrameBuffer Fill(byte[] bytes, int limit)
    {
        FrameBuffer buffer = new(limit, "MyLimit");
        bytes.CopyTo(buffer.GetFreeMemory());
        buffer.Commit(bytes.Length);
        return buffer;
    }

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[MessageFraming.PrefixBytes + message.Length];
        MessageFraming.WritePrefix(frame, message.Length);
        message.CopyTo(frame, MessageFraming.PrefixBytes);
        return frame;
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
