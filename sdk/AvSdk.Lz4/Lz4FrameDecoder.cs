using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Lz4;

/// <summary>Decodes frames that come in pieces of any length. Does no input or output itself.</summary>
/// <remarks>
/// <para>Concatenated frames are one content; skippable frames are skipped; every checksum and the content
/// size are checked. Content of a block is given out once the block's own checksum is right, and before the
/// frame's checksum is known.</para>
/// <para>Not thread-safe. Memory: at most a compressed block, a decoded one and 320 KiB, from the pool and
/// only once a checked header asks for it; nothing is allocated from a length in a block or a content size.
/// After an error every call returns the same error until <see cref="Reset"/>.</para>
/// </remarks>
public sealed class Lz4FrameDecoder : IDisposable
{
    private readonly ArrayPool<byte> _pool;
    private readonly Lz4BlockSize _largestBlock;
    private readonly byte[] _field = new byte[FrameFormat.HeaderBytesMax];
    private byte[] _block = [];
    private readonly DecoderWindow _window;

    private Stage _stage;
    private Lz4Result _failure;
    private Lz4FrameHeader _header;
    private XxHash32 _contentHash;
    private ulong _contentBytes;
    private long _position;
    private long _frameOffset;
    private long _blockOffset;
    private uint _sizeField;
    private uint _skipBytes;
    private int _gathered;
    private bool _sawFrame;

    /// <summary>Starts before the first frame.</summary>
    /// <param name="largestBlock">
    /// A frame that names a larger block size is refused as <see cref="Lz4Error.BlockTooLarge"/>; default 4
    /// MiB, the format's own limit.
    /// </param>
    /// <param name="pool">Where buffers come from; default <see cref="ArrayPool{T}.Shared"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block size is none of the format's.</exception>
    public Lz4FrameDecoder(Lz4BlockSize largestBlock = Lz4BlockSize.Max4MiB, ArrayPool<byte>? pool = null)
    {
        _largestBlock = FrameFormat.Checked(largestBlock);
        _pool = pool ?? ArrayPool<byte>.Shared;
        _window = new DecoderWindow(_pool);
    }

    private enum Stage
    {
        Header,
        SkippableSize,
        SkippableData,
        BlockSize,
        BlockData,
        Output,
        ContentChecksum,
    }

    /// <summary>
    /// The header of the frame being read, or of the last one; <c>default</c> before the first.
    /// </summary>
    public Lz4FrameHeader Header => _header;

    /// <summary>Whether the next byte, if there is one, begins a frame and no output is pending.</summary>
    public bool IsBetweenFrames => _stage == Stage.Header && _gathered == 0 && _failure.IsOk;

    /// <summary>
    /// Decodes until the input is used up or the output is full. Call it again with the rest of the input, or
    /// with more room: content may be pending although the input is used up, until a call writes less than it
    /// could.
    /// </summary>
    /// <param name="input">The next bytes; may be empty, to fetch pending content.</param>
    /// <param name="output">Where content goes; with room for a whole block one copy is saved.</param>
    /// <param name="consumed">The bytes of the input that were read.</param>
    /// <param name="written">The bytes of content written.</param>
    /// <returns>Success, or what is wrong; offsets count from the first byte of the first call.</returns>
    public Lz4Result Decode(
        ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        while (_failure.IsOk && Step(input, output, ref consumed, ref written))
        {
        }

        _position += consumed;
        return _failure;
    }

    /// <summary>Says whether the input may end here.</summary>
    /// <returns>
    /// Success at the end of a frame with nothing pending; else <see cref="Lz4Error.Truncated"/>, also for an
    /// input without a byte; or the error of an earlier call.
    /// </returns>
    public Lz4Result Finish()
    {
        if (!_failure.IsOk || (IsBetweenFrames && _sawFrame))
            return _failure;
        ulong needed = _stage switch
        {
            Stage.Header => (ulong)Math.Max(FrameFormat.HeaderBytesMin, _gathered + 1),
            Stage.SkippableData => _skipBytes,
            Stage.BlockData => (ulong)BlockFieldBytes,
            _ => FrameFormat.BlockSizeBytes,
        };
        return new Lz4Result(Lz4Error.Truncated, _position - _gathered, needed, (ulong)_gathered);
    }

    /// <summary>Forgets everything, errors included; the next byte is the first of a first frame.</summary>
    public void Reset()
    {
        _stage = Stage.Header;
        _failure = default;
        _header = default;
        _position = 0;
        _gathered = 0;
        _window.Clear();
        _sawFrame = false;
    }

    /// <summary>
    /// Gives the buffers back to the pool. The decoder can be used again after <see cref="Reset"/>.
    /// </summary>
    public void Dispose()
    {
        ReturnBlock();
        _window.Release();
        Reset();
    }

    private int BlockDataBytes => (int)(_sizeField & ~FrameFormat.UncompressedBit);

    private int BlockFieldBytes => BlockDataBytes + (_header.BlockChecksums ? FrameFormat.ChecksumBytes : 0);

    /// <summary>One step of the frame; false when it needs more input or more room, or has failed.</summary>
    private bool Step(ReadOnlySpan<byte> input, Span<byte> output, ref int consumed, ref int written)
    {
        switch (_stage)
        {
            case Stage.Header:
                return StepHeader(input, ref consumed);
            case Stage.SkippableSize:
                if (!GatherField(FrameFormat.BlockSizeBytes, input, ref consumed))
                    return false;
                _skipBytes = BinaryPrimitives.ReadUInt32LittleEndian(_field);
                _stage = Stage.SkippableData;
                return true;
            case Stage.SkippableData:
                int skip = (int)Math.Min(_skipBytes, (uint)(input.Length - consumed));
                consumed += skip;
                _skipBytes -= (uint)skip;
                if (_skipBytes > 0)
                    return false;
                EndFrame();
                return true;
            case Stage.BlockSize:
                return GatherField(FrameFormat.BlockSizeBytes, input, ref consumed) && BeginBlock(consumed);
            case Stage.BlockData:
                return StepBlock(input, output, ref consumed, ref written);
            case Stage.Output:
                if (!_window.Drain(output, ref written))
                    return false;
                _stage = Stage.BlockSize;
                return true;
            default:
                return StepContentChecksum(input, ref consumed);
        }
    }

    private bool StepHeader(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (!Gather(_field, FrameFormat.MagicBytes, input, ref consumed))
            return false;
        _frameOffset = _position + consumed - _gathered;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(_field);
        if ((magic & FrameFormat.SkippableMask) == FrameFormat.SkippableMagic)
        {
            _gathered = 0;
            _stage = Stage.SkippableSize;
            return true;
        }

        Lz4Result result = Lz4FrameHeader.TryRead(_field.AsSpan(0, _gathered), out Lz4FrameHeader header);
        while (result.Error == Lz4Error.Truncated)
        {
            if (!Gather(_field, (int)result.Expected, input, ref consumed))
                return false;
            result = Lz4FrameHeader.TryRead(_field.AsSpan(0, _gathered), out header);
        }

        if (!result.IsOk)
            return Fail(result.Shift(_frameOffset));
        if (header.BlockSize > _largestBlock)
        {
            ulong allowed = (ulong)FrameFormat.BlockBytesMax(_largestBlock);
            return Fail(new Lz4Result(
                Lz4Error.BlockTooLarge, _frameOffset + 5, allowed, (ulong)header.BlockBytesMax));
        }

        _gathered = 0;
        _header = header;
        _contentHash = default;
        _contentBytes = 0;
        _window.Clear();
        _stage = Stage.BlockSize;
        return true;
    }

    private bool BeginBlock(int consumed)
    {
        _blockOffset = _position + consumed;
        _sizeField = BinaryPrimitives.ReadUInt32LittleEndian(_field);
        if (_sizeField != FrameFormat.EndMark)
        {
            if (BlockDataBytes > _header.BlockBytesMax)
            {
                return Fail(new Lz4Result(
                    Lz4Error.BlockTooLarge, _blockOffset - FrameFormat.BlockSizeBytes,
                    (ulong)_header.BlockBytesMax, (ulong)BlockDataBytes));
            }

            _stage = Stage.BlockData;
            return true;
        }

        if (_header.ContentSize is { } size && size != _contentBytes)
            return Fail(WrongContentSize(size, _contentBytes));
        if (_header.ContentChecksum)
            _stage = Stage.ContentChecksum;
        else
            EndFrame();
        return true;
    }

    private bool StepBlock(ReadOnlySpan<byte> input, Span<byte> output, ref int consumed, ref int written)
    {
        int fieldBytes = BlockFieldBytes;
        ReadOnlySpan<byte> field;
        if (_gathered == 0 && input.Length - consumed >= fieldBytes)
        {
            field = input.Slice(consumed, fieldBytes);
            consumed += fieldBytes;
        }
        else
        {
            if (_block.Length < fieldBytes)
            {
                // Nothing has been gathered yet: the length is known before the first byte is kept.
                ReturnBlock();
                _block = _pool.Rent(_header.BlockBytesMax + FrameFormat.ChecksumBytes);
            }

            if (!Gather(_block, fieldBytes, input, ref consumed))
                return false;
            field = _block.AsSpan(0, fieldBytes);
            _gathered = 0;
        }

        ReadOnlySpan<byte> data = field[..BlockDataBytes];
        if (_header.BlockChecksums)
        {
            Lz4Result verified = FrameBlocks.Verify(data, field[data.Length..]);
            if (!verified.IsOk)
                return Fail(verified.Shift(_blockOffset));
        }

        if (!_header.LinkedBlocks && output.Length - written >= _header.BlockBytesMax)
        {
            Span<byte> room = output.Slice(written, _header.BlockBytesMax);
            if (!DecodeBlock(data, room, prefixBytes: 0, out int contentBytes))
                return false;
            written += contentBytes;
            _stage = Stage.BlockSize;
            return true;
        }

        Span<byte> window = _window.Reserve(in _header, out int historyBytes);
        if (!DecodeBlock(data, window, historyBytes, out int windowBytes))
            return false;
        _window.Commit(windowBytes);
        _stage = Stage.Output;
        return true;
    }

    private bool DecodeBlock(
        ReadOnlySpan<byte> data, Span<byte> window, int prefixBytes, out int contentBytes)
    {
        Span<byte> room = window[prefixBytes..];
        if ((_sizeField & FrameFormat.UncompressedBit) != 0)
        {
            data.CopyTo(room);
            contentBytes = data.Length;
        }
        else
        {
            Lz4Result result = BlockDecompressor.Decompress(
                data, window, prefixBytes, default, out contentBytes);
            if (result.Error == Lz4Error.DestinationTooSmall)
            {
                result = new Lz4Result(
                    Lz4Error.BlockTooLarge, result.Offset, (ulong)room.Length, result.Expected);
            }

            if (!result.IsOk)
                return Fail(result.Shift(_blockOffset));
        }

        _contentBytes += (uint)contentBytes;
        if (_header.ContentSize is { } size && _contentBytes > size)
            return Fail(WrongContentSize(size, _contentBytes));
        if (_header.ContentChecksum)
            _contentHash.Append(room[..contentBytes]);
        return true;
    }

    private bool StepContentChecksum(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (!GatherField(FrameFormat.ChecksumBytes, input, ref consumed))
            return false;
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(_field);
        uint found = _contentHash.Finish();
        if (expected != found)
        {
            return Fail(new Lz4Result(
                Lz4Error.ContentChecksumMismatch, _position + consumed - FrameFormat.ChecksumBytes,
                expected, found));
        }

        EndFrame();
        return true;
    }

    private void EndFrame()
    {
        _sawFrame = true;
        _stage = Stage.Header;
    }

    private Lz4Result WrongContentSize(ulong expected, ulong found) =>
        new(Lz4Error.ContentSizeMismatch, _frameOffset + 6, expected, found);

    private bool Fail(Lz4Result failure)
    {
        _failure = failure;
        return false;
    }

    private bool GatherField(int fieldBytes, ReadOnlySpan<byte> input, ref int consumed)
    {
        if (!Gather(_field, fieldBytes, input, ref consumed))
            return false;
        _gathered = 0;
        return true;
    }

    /// <summary>
    /// Fills the buffer up to a length from the input; false when the input ends before that.
    /// </summary>
    private bool Gather(byte[] buffer, int wantedBytes, ReadOnlySpan<byte> input, ref int consumed)
    {
        int take = Math.Min(wantedBytes - _gathered, input.Length - consumed);
        if (take > 0)
        {
            input.Slice(consumed, take).CopyTo(buffer.AsSpan(_gathered));
            consumed += take;
            _gathered += take;
        }

        return _gathered >= wantedBytes;
    }

    private void ReturnBlock()
    {
        if (_block.Length > 0)
            _pool.Return(_block);
        _block = [];
    }
}
