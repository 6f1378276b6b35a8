using System.IO.Pipelines;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

public sealed class AttachmentStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(3_000_000)]
    public void An_attachment_by_stream_is_the_attachment_of_memory_byte_for_byte(int bytes)
    {
        byte[] data = new byte[bytes];
        new Random(1).NextBytes(data);
        byte[] expected = Write(w => w.WriteAttachment(new McapAttachment(5, 6, "a.bin", "x/y", data)));
        Assert.Equal(expected, Write(w => w.WriteAttachment("a.bin", "x/y", 5, 6, new MemoryStream(data), bytes)));
        Assert.Equal(expected, Write(w => w.WriteAttachment("a.bin", "x/y", 5, 6, OneWay(data), bytes)));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    public void A_stream_known_to_have_another_length_is_refused_and_nothing_is_written(long announced)
    {
        using McapWriter writer = new(new MemoryStream());
        long before = writer.Position;
        Assert.Throws<ArgumentException>(
            () => writer.WriteAttachment("a", "b", 0, 0, new MemoryStream(new byte[100]), announced));
        Assert.Equal(before, writer.Position);
        writer.AddChannel("/still/usable", "json");
    }

    [Theory]
    [InlineData(99, "goes on")]
    [InlineData(101, "ended 1 bytes before")]
    public void A_stream_that_turns_out_to_have_another_length_fails_the_writer(long announced, string says)
    {
        using McapWriter writer = new(new MemoryStream());
        InvalidDataException thrown = Assert.Throws<InvalidDataException>(
            () => writer.WriteAttachment("a", "b", 0, 0, OneWay(new byte[100]), announced));
        Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(writer.Finish).InnerException);
    }

    [Fact]
    public void A_large_attachment_takes_little_memory()
    {
        const long Bytes = 300_000_000;
        using McapWriter writer = new(Stream.Null);
        Zeros zeros = new(Bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        writer.WriteAttachment("a", "b", 0, 0, zeros, Bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static byte[] Write(Action<McapWriter> write)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, leaveOpen: true))
            write(writer);
        McapIndexedReader.Open(new MemorySource(stream.ToArray())).Dispose();
        return stream.ToArray();
    }

    // A stream that cannot seek.
    private static Stream OneWay(byte[] data) => PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(data)).AsStream();

    private sealed class Zeros(long bytes) : Stream
    {
        private long _left = bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, _left);
            buffer[..count].Clear();
            _left -= count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
