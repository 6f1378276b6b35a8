using System.Buffers.Binary;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>What is to be sent next.</summary>
internal readonly record struct RingBatch(
    RingBlock? Block, ReadOnlyMemory<byte> Records, (int Channel, ulong Ordinal)? Jump);

/// <summary>A place in the ring's order: everything before it was accepted before it was taken.</summary>
internal readonly record struct RingMark(long BlockId, int Offset);

/// <summary>
/// Keeps messages from their write until they are durable in the agent, within a bound. They lie there as
/// they go over the socket, so that sending copies nothing.
/// </summary>
/// <remarks>
/// Blocks in the order of writing; a block's memory is given back, or used anew, when all its messages are
/// durable, in whatever order that happens. The gate is held for bookkeeping only, never while a payload is
/// encoded; the order of a channel is its caller's lock.
/// </remarks>
internal sealed class MessageRing : IDisposable
{
    private const int BlockBytes = 256 << 10;
    private const int SendBytesMax = 1 << 20;
    private const int MessageFieldBytes = 22;
    private const int PrefixBytes = 9;

    /// <summary>What a message takes beside its payload.</summary>
    public const int MessageOverheadBytes = PrefixBytes + MessageFieldBytes;

    private readonly Lock _gate = new();
    private readonly List<RingBlock> _blocks = [];
    private readonly long _bytesMax;
    private readonly int _blockBytes;
    private ulong[] _durable = [];
    private ulong[] _expected = [];
    private long[] _lastBlockOf = [];
    private RingBlock? _shared;
    private long _nextBlockId = 1;
    private long _heldBytes;
    private bool _disposed;

    public MessageRing(long bytesMax)
    {
        _bytesMax = bytesMax;
        _blockBytes = (int)Math.Clamp(bytesMax / 4, 1 << 10, BlockBytes);
    }

    /// <summary>Memory held, bytes.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
                return _heldBytes;
        }
    }

    /// <summary>Messages that are not durable yet.</summary>
    public ulong Undurable
    {
        get
        {
            lock (_gate)
                return _blocks.Aggregate(0UL, (sum, block) => sum + block.CountUndurable(_durable));
        }
    }

    /// <summary>
    /// Writes a message of a channel, under that channel's lock: reserves, encodes, finishes. False: there is
    /// no room.
    /// </summary>
    public bool TryWrite<TState>(
        int channel, ulong ordinal, in MessageStamp stamp, int payloadBytes, TState state,
        PayloadEncoder<TState> encode)
        where TState : allows ref struct
    {
        int recordBytes = MessageOverheadBytes + payloadBytes;
        RingBlock? block;
        int offset;
        lock (_gate)
        {
            block = BlockFor(channel, recordBytes);
            if (block is null)
                return false;
            offset = block.Reserve(recordBytes);
            _lastBlockOf[channel] = block.Id;
        }

        bool encoded = false;
        try
        {
            Span<byte> content = block.Content(offset, recordBytes);
            BinaryPrimitives.WriteUInt16LittleEndian(content, SourceChannelIds.FromIndex(channel));
            BinaryPrimitives.WriteUInt32LittleEndian(content[2..], stamp.Sequence);
            BinaryPrimitives.WriteUInt64LittleEndian(content[6..], stamp.LogTime);
            BinaryPrimitives.WriteUInt64LittleEndian(content[14..], stamp.PublishTime);
            encode(state, content[MessageFieldBytes..]);
            encoded = true;
        }
        finally
        {
            lock (_gate)
            {
                // What failed to encode stays in the stream as bytes to be passed over.
                block.Finish(offset, encoded ? (byte)McapOpcode.Message : (byte)IngestOpcode.Padding);
                if (encoded)
                    block.Count(channel, ordinal);
            }
        }

        return true;
    }

    /// <summary>The place after everything that was accepted.</summary>
    public RingMark Mark()
    {
        lock (_gate)
            return _blocks.Count == 0 ? default : new RingMark(_blocks[^1].Id, _blocks[^1].Reserved);
    }

    /// <summary>Whether this connection has been given everything before a mark.</summary>
    public bool HasGiven(RingMark mark)
    {
        lock (_gate)
        {
            foreach (RingBlock block in _blocks)
            {
                int until =
                    block.Id < mark.BlockId ? block.Reserved : block.Id == mark.BlockId ? mark.Offset : 0;
                if (block.SendOffset < Math.Min(until, block.Reserved))
                    return false;
            }

            return true;
        }
    }

    /// <summary>
    /// From the oldest message kept, for a new connection that knows nothing of the ordinals.
    /// </summary>
    public void Rewind()
    {
        lock (_gate)
        {
            Array.Clear(_expected);
            foreach (RingBlock block in _blocks)
                block.Rewind();
        }
    }

    /// <summary>
    /// What to send next; false: nothing. A batch is given back with <see cref="GiveBack"/>.
    /// </summary>
    public bool TryGive(int channels, out RingBatch batch)
    {
        lock (_gate)
        {
            if (_expected.Length < channels)
                Array.Resize(ref _expected, Math.Max(channels, _expected.Length * 2));
            foreach (RingBlock block in _blocks)
            {
                ReadOnlyMemory<byte> records =
                    block.Give(_expected, SendBytesMax, out (int Channel, ulong Ordinal)? jump);
                if (jump is { } to)
                    _expected[to.Channel] = to.Ordinal;
                block.IsLent = !records.IsEmpty;
                batch = new RingBatch(block, records, jump);
                if (!records.IsEmpty || jump is not null)
                    return true;

                // Being filled: what comes after it waits, since a channel's order goes over blocks.
                if (block.SendOffset < block.Reserved)
                    break;
            }

            batch = default;
            return false;
        }
    }

    /// <summary>The batch is sent, or will never be; true if there is room that was not.</summary>
    public bool GiveBack(in RingBatch batch)
    {
        lock (_gate)
        {
            if (batch.Block is { } block)
                block.IsLent = false;
            return Release();
        }
    }

    /// <summary>
    /// Messages of a channel up to an ordinal are durable; true if there is room that was not.
    /// </summary>
    public bool SetDurable(int channel, ulong ordinal)
    {
        lock (_gate)
        {
            if (_durable.Length <= channel)
                Array.Resize(ref _durable, Math.Max(channel + 1, _durable.Length * 2));
            if (ordinal <= _durable[channel])
                return false;
            _durable[channel] = ordinal;
            return Release();
        }
    }

    /// <summary>The ordinal up to which a channel's messages are durable.</summary>
    public ulong DurableOf(int channel)
    {
        lock (_gate)
            return channel < _durable.Length ? _durable[channel] : 0;
    }

    /// <summary>Gives the memory back. No further writes are taken.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (RingBlock block in _blocks.Where(static block => block.Unfinished == 0 && !block.IsLent))
                block.Dispose();
            _blocks.Clear();
            _shared = null;
            _heldBytes = 0;
        }
    }

    // A large message has a block to itself, so that a small one of a lane that becomes durable later does not hold
    // its memory. A channel never goes back to a block before its last one: blocks are sent in order.
    private RingBlock? BlockFor(int channel, int recordBytes)
    {
        if (_disposed)
            return null;
        if (_lastBlockOf.Length <= channel)
            Array.Resize(ref _lastBlockOf, Math.Max(channel + 1, _lastBlockOf.Length * 2));
        if (recordBytes > _blockBytes / 2)
            return NewBlock(recordBytes);
        if (_shared is { } shared && shared.Room >= recordBytes && shared.Id >= _lastBlockOf[channel])
            return shared;
        if (NewBlock(_blockBytes) is not { } block)
            return null;
        RingBlock? before = _shared;
        _shared = block;
        if (before is { Reserved: 0 })
            Release();
        return block;
    }

    private RingBlock? NewBlock(int bytes)
    {
        if (_heldBytes + RentedBytes(bytes) > _bytesMax)
            return null;
        RingBlock block = new(_nextBlockId++, bytes);
        _heldBytes += block.Capacity;
        _blocks.Add(block);
        return block;
    }

    // The shared pool hands out powers of two up to 1 GiB.
    private static int RentedBytes(int bytes) =>
        bytes <= 1 << 30 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes) : bytes;

    private bool Release()
    {
        bool released = false;
        for (int i = _blocks.Count - 1; i >= 0; i--)
        {
            RingBlock block = _blocks[i];
            if (block.Unfinished > 0 || block.IsLent || !block.IsDurable(_durable))
                continue;
            if (block == _shared && block.Reserved == 0)
                continue;
            released = true;
            _blocks.RemoveAt(i);
            if (block == _shared)
            {
                Reuse(block);
                continue;
            }

            _heldBytes -= block.Capacity;
            block.Dispose();
        }

        return released;
    }

    // The shared block of a quiet ring is used anew, as a new last one: marks in it count as passed.
    private void Reuse(RingBlock block)
    {
        block.Reset(_nextBlockId++);
        _blocks.Add(block);
    }
}
