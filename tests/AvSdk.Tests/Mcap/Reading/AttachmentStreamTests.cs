using System.Buffers.Binary;
using System.Text;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class AttachmentStreamTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(100_000, 5)]
    [InlineData(10, 9000)]
    public async Task An_attachment_is_read_in_pieces_of_any_size(int dataBytes, int nameBytes)
    {
        byte[] data = new byte[dataBytes];
        new Random(1).NextBytes(data);
        byte[] file = Write(new McapAttachment(5, 6, new string('n', nameBytes), "text/plain", data));
        using McapIndexedReader reader = McapIndexedReader.Open(new CopyingSource(file));
        McapAttachmentIndex index = Assert.Single(reader.Attachments);
        foreach (int pieceBytes in new[] { 1, 7, 4096, 200_000 })
        {
            if (pieceBytes == 1 && dataBytes > 1000)
                continue;
            using Stream stream = reader.OpenAttachment(index);
            Assert.Equal(dataBytes, stream.Length);
            using MemoryStream copy = new();
            stream.CopyTo(copy, pieceBytes);
            Assert.Equal(data, copy.ToArray());
            Assert.Equal(dataBytes, stream.Position);

            await using Stream again = reader.OpenAttachment(index);
            using MemoryStream second = new();
            await again.CopyToAsync(second, pieceBytes, TestContext.Current.CancellationToken);
            Assert.Equal(data, second.ToArray());
        }
    }

    [Fact]
    public void A_flipped_bit_in_an_attachment_is_found_by_every_reader_unless_it_is_told_not_to_look()
    {
        McapAttachment attachment = new(5, 6, "name", "text/plain", "the content"u8.ToArray());
        byte[] file = Write(attachment);
        int at = file.AsSpan().IndexOf("the content"u8);
        file[at + 3] ^= 1;
        McapReadOptions unchecked_ = new() { CheckCrcs = false };
        using McapIndexedReader strict = McapIndexedReader.Open(new MemorySource(file));
        using McapIndexedReader loose = McapIndexedReader.Open(new MemorySource(file), unchecked_);
        McapAttachmentIndex index = Assert.Single(strict.Attachments);
        Assert.Equal(McapErrorKind.CrcMismatch, KindOf(() => strict.ReadAttachment(index)));
        Assert.Equal(McapErrorKind.CrcMismatch, KindOf(() => Drain(strict.OpenAttachment(index))));
        Assert.Equal(McapErrorKind.CrcMismatch, KindOf(() => Streamed(file, McapReadOptions.Default)));
        Assert.Equal(11, loose.ReadAttachment(index).Data.Length);
        Assert.Equal(11, Drain(loose.OpenAttachment(index)));
        Assert.Equal(1, Streamed(file, unchecked_));

        // The last byte is not given out before the CRC was looked at.
        using Stream stream = strict.OpenAttachment(index);
        Assert.Equal(10, stream.Read(new byte[10]));
        Assert.Throws<McapException>(() => stream.ReadByte());
    }

    [Fact]
    public void An_attachment_index_that_lies_is_told_so_and_allocates_nothing()
    {
        byte[] file = Write(new McapAttachment(5, 6, "name", "text/plain", "the content"u8.ToArray()));
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        McapAttachmentIndex good = Assert.Single(reader.Attachments);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (McapAttachmentIndex bad in new[]
        {
            good with { Length = 1UL << 60 },
            good with { Offset = ulong.MaxValue },
            good with { Offset = good.Offset + 1 },
            good with { Offset = (ulong)file.Length, Length = 0, DataSize = 0 },
            good with { Length = good.Length - 1 },
            good with { DataSize = 1UL << 60 },
            good with { DataSize = good.DataSize + 1 },
            good with { DataSize = 0 },
        })
        {
            Assert.Equal(McapErrorKind.IndexMismatch, KindOf(() => Drain(reader.OpenAttachment(bad))));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(11, Drain(reader.OpenAttachment(good)));
    }

    [Fact]
    public void A_text_in_an_attachment_that_runs_out_of_it_is_told_so()
    {
        byte[] file = Write(new McapAttachment(5, 6, "name", "text/plain", "the content"u8.ToArray()));
        int at = file.AsSpan().IndexOf(Encoding.UTF8.GetBytes("name")) - 4;
        foreach (uint length in new uint[] { 200, int.MaxValue, uint.MaxValue })
        {
            byte[] damaged = [.. file];
            BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(at), length);
            using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(damaged));
            Assert.Contains(
                KindOf(() => Drain(reader.OpenAttachment(reader.Attachments[0]))),
                new[] { McapErrorKind.LengthMismatch, McapErrorKind.LengthOverLimit });
        }
    }

    [Fact]
    public void An_attachment_of_ten_gigabytes_needs_no_memory()
    {
        // The head says 10 GiB; the source makes up the data. Only the first pieces are read.
        const long DataBytes = 10L << 30;
        using HugeAttachment source = new(DataBytes);
        using McapIndexedReader reader = McapIndexedReader.Open(source);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Stream stream = reader.OpenAttachment(Assert.Single(reader.Attachments));
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 64; i++)
            Assert.Equal(piece.Length, stream.Read(piece));
        Assert.Equal(DataBytes, stream.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    private static McapErrorKind KindOf(Func<object> read) => Assert.Throws<McapException>(() => { read(); }).Error.Kind;

    private static object Drain(Stream stream)
    {
        using (stream)
        {
            using MemoryStream copy = new();
            stream.CopyTo(copy);
            return (int)copy.Length;
        }
    }

    private static object Streamed(byte[] file, McapReadOptions options)
    {
        using McapStreamReader reader = new(new MemoryStream(file), options);
        int attachments = 0;
        while (reader.Read())
            attachments += reader.Opcode == McapOpcode.Attachment ? 1 : 0;
        return attachments;
    }

    private static byte[] Write(McapAttachment attachment)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, leaveOpen: true))
            writer.WriteAttachment(attachment);

        // Without the CRC of the data section, so that only the attachment's own can speak.
        byte[] file = stream.ToArray();
        int dataEnd = file.AsSpan().LastIndexOf(new byte[] { (byte)McapOpcode.DataEnd, 4, 0, 0, 0, 0, 0, 0, 0 });
        file.AsSpan(dataEnd + 9, 4).Clear();
        return file;
    }

    /// <summary>A file with an attachment so large that it is made up where it is read.</summary>
    private sealed class HugeAttachment : IMcapSource, IDisposable
    {
        private readonly byte[] _start;
        private readonly byte[] _end;
        private readonly long _dataBytes;

        public HugeAttachment(long dataBytes)
        {
            byte[] small = Write(new McapAttachment(5, 6, "name", "text/plain", "0123456789"u8.ToArray()));
            int data = small.AsSpan().IndexOf("0123456789"u8);
            _start = small[..data];
            _end = small[(data + 10)..];
            _dataBytes = dataBytes;
            long more = dataBytes - 10;
            int name = _start.AsSpan().LastIndexOf("name"u8);
            BinaryPrimitives.WriteInt64LittleEndian(_start.AsSpan(data - 8), dataBytes);
            int record = name - 20 - 9;
            Add(_start.AsSpan(record + 1), more);

            // The index: length and data_size; the footer: where the summary is, no CRC.
            int index = _end.AsSpan().IndexOf((byte)McapOpcode.AttachmentIndex);
            while (BinaryPrimitives.ReadInt64LittleEndian(_end.AsSpan(index + 9)) != record)
                index += 1 + _end.AsSpan(index + 1).IndexOf((byte)McapOpcode.AttachmentIndex);
            Add(_end.AsSpan(index + 17), more);
            Add(_end.AsSpan(index + 41), more);
            Add(_end.AsSpan(_end.Length - 28), more);
            _end.AsSpan(_end.Length - 12, 4).Clear();
        }

        public long Length => _start.Length + _dataBytes + _end.Length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            int count = (int)Math.Min(destination.Length, Length - offset);
            destination[..count].Clear();
            Copy(_start, offset, destination[..count]);
            Copy(_end, offset - (Length - _end.Length), destination[..count]);
            return count;
        }

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(ReadAt(offset, destination.Span));

        public void Dispose()
        {
        }

        private static void Copy(byte[] part, long offset, Span<byte> destination)
        {
            long from = Math.Max(0, offset);
            long to = Math.Min(part.Length, offset + destination.Length);
            if (from < to)
                part.AsSpan((int)from, (int)(to - from)).CopyTo(destination[(int)(from - offset)..]);
        }

        private static void Add(Span<byte> number, long more) =>
            BinaryPrimitives.WriteInt64LittleEndian(number, BinaryPrimitives.ReadInt64LittleEndian(number) + more);
    }
}
