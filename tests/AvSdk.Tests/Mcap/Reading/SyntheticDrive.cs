using System.Buffers.Binary;
using AvSdk.Lz4;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>
/// A file of LZ4 chunks of 4 MiB, as long as wanted, which is made up where it is read: every chunk is the same but for
/// its times, which stand in stored blocks between the compressed ones, and its CRC.
/// </summary>
internal sealed class SyntheticDrive : IMcapSource
{
    public const int MessagesInChunk = 4;
    public const int PayloadBytes = 1 << 20;
    public const int ChunkBytes = MessagesInChunk * (HeadBytes + PayloadBytes);
    private const int HeadBytes = 31;
    private const int TimeAt = 9 + 2 + 4;

    private readonly byte[] _chunk;
    private readonly int[] _heads = new int[MessagesInChunk];
    private readonly uint _payloadCrc;
    private readonly byte[] _start;
    private readonly byte[] _end;
    private readonly int _chunks;

    /// <param name="chunks">Chunks, one after the other, each of 4 messages; log times count the messages.</param>
    public SyntheticDrive(int chunks)
    {
        _chunks = chunks;
        byte[] payload = new byte[PayloadBytes];
        for (int i = 0; i < payload.Length; i += 16)
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(i), i / 4096);
        _payloadCrc = Crc32.Compute(payload);
        _chunk = MakeChunk(payload);
        Parts sink = new(_chunk.Length);
        using (McapWriter writer = new(sink, new McapWriterOptions { Compression = ChunkCompression.None }))
        {
            writer.AddChannel("/big", "raw");
            for (int i = 0; i < chunks; i++)
            {
                Patch(_chunk, i);
                writer.WriteChunkBody(_chunk);
            }
        }

        _start = sink.Start.ToArray();
        _end = sink.End.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(_end.AsSpan(9), 0);
    }

    public long Length => _start.Length + ((long)_chunks * _chunk.Length) + _end.Length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && offset + total < Length)
        {
            long at = offset + total;
            Span<byte> rest = destination[total..];
            long chunkAt = at - _start.Length;
            long endAt = chunkAt - ((long)_chunks * _chunk.Length);
            if (chunkAt < 0)
                total += Copy(_start, at, rest);
            else if (endAt >= 0)
                total += Copy(_end, endAt, rest);
            else
                total += CopyChunk((int)(chunkAt / _chunk.Length), (int)(chunkAt % _chunk.Length), rest);
        }

        return total;
    }

    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(ReadAt(offset, destination.Span));

    private static int Copy(byte[] from, long at, Span<byte> to)
    {
        int count = (int)Math.Min(to.Length, from.Length - at);
        from.AsSpan((int)at, count).CopyTo(to);
        return count;
    }

    private int CopyChunk(int number, int at, Span<byte> to)
    {
        byte[] chunk = _chunk;
        if (at != 0 || to.Length < chunk.Length)
            chunk = [.. _chunk];
        int count = Math.Min(to.Length, chunk.Length - at);
        if (chunk != _chunk)
        {
            Patch(chunk, number);
            chunk.AsSpan(at, count).CopyTo(to);
            return count;
        }

        chunk.CopyTo(to);
        Patch(to[..count], number);
        return count;
    }

    // The record's head, an LZ4 frame without checksums, and for each message a stored block and a compressed one.
    private byte[] MakeChunk(byte[] payload)
    {
        byte[] frame = new byte[Lz4Frame.CompressBound(5 << 20, Lz4FrameOptions.Default)];
        Lz4FrameOptions options = new() { ContentChecksum = false, WriteContentSize = false };
        Lz4Frame.Compress(new byte[5 << 20], frame, options);
        byte[] block = new byte[Lz4Block.CompressBound(payload.Length)];
        block = block[..Lz4Block.Compress(payload, block)];
        using MemoryStream records = new();
        records.Write(frame.AsSpan(0, 7));
        const int RecordsAt = 9 + 28 + 4 + 3 + 8;
        for (int i = 0; i < MessagesInChunk; i++)
        {
            records.Write(BitConverter.GetBytes(0x80000000u | HeadBytes));
            _heads[i] = RecordsAt + (int)records.Position;
            byte[] head = new byte[HeadBytes];
            head[0] = (byte)McapOpcode.Message;
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), HeadBytes - 9 + payload.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(9), 1);
            records.Write(head);
            records.Write(BitConverter.GetBytes(block.Length));
            records.Write(block);
        }

        records.Write(new byte[4]);
        byte[] chunk = new byte[RecordsAt + records.Length];
        chunk[0] = (byte)McapOpcode.Chunk;
        BinaryPrimitives.WriteInt64LittleEndian(chunk.AsSpan(1), chunk.Length - 9);
        BinaryPrimitives.WriteInt64LittleEndian(chunk.AsSpan(25), ChunkBytes);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(37), 3);
        "lz4"u8.CopyTo(chunk.AsSpan(41));
        BinaryPrimitives.WriteInt64LittleEndian(chunk.AsSpan(44), records.Length);
        records.ToArray().CopyTo(chunk, RecordsAt);
        return chunk;
    }

    private void Patch(Span<byte> chunk, int number)
    {
        ulong first = (ulong)number * MessagesInChunk;
        BinaryPrimitives.WriteUInt64LittleEndian(chunk[9..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(chunk[17..], first + MessagesInChunk - 1);
        uint crc = 0;
        for (int i = 0; i < MessagesInChunk; i++)
        {
            Span<byte> head = chunk.Slice(_heads[i], HeadBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(head[TimeAt..], first + (uint)i);
            BinaryPrimitives.WriteUInt64LittleEndian(head[(TimeAt + 8)..], first + (uint)i);
            crc = Crc32.Combine(Crc32.Append(crc, head), _payloadCrc, PayloadBytes);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(chunk[33..], crc);
    }

    /// <summary>Keeps what is written before and after the chunks.</summary>
    private sealed class Parts(int chunkBytes) : IMcapSink
    {
        private bool _chunksCame;

        public MemoryStream Start { get; } = new();

        public MemoryStream End { get; } = new();

        public long Position { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Position += bytes.Length;
            if (bytes.Length == chunkBytes)
                _chunksCame = true;
            else
                (_chunksCame ? End : Start).Write(bytes);
        }

        public void Flush()
        {
        }
    }
}
