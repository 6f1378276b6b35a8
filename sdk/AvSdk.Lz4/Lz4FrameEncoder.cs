using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Lz4;

/// <summary>Encodes a frame from content that comes in pieces. Does no input or output itself.</summary>
/// <remarks>
/// <para>Content is gathered until a block is full. Order of calls: <see cref="Append"/> and
/// <see cref="Flush"/> any number of times, <see cref="Finish"/>; then <see cref="Reset"/> for another
/// frame.</para>
/// <para>Not thread-safe. Memory: a block (and up to 320 KiB with linked blocks), from the pool; no
/// allocation for each call. A high level takes 256 KiB more, from 10 on 512 KiB.</para>
/// </remarks>
public sealed class Lz4FrameEncoder : IDisposable
{
    /// <summary>
    /// Far below where a 32-bit position wraps: the table must not hold positions of two rounds.
    /// </summary>
    private const uint PositionMax = 1u << 30;

    private readonly ArrayPool<byte> _pool;
    private readonly Lz4FrameOptions _options;
    private readonly byte[] _table;
    private byte[] _buffer = [];
    private HighCompressor _high;
    private Lz4FrameHeader _header;
    private XxHash32 _contentHash;
    private ulong _contentBytes;
    private uint _blockPosition;
    private int _blockStart;
    private int _blockEnd;
    private bool _wroteHeader;
    private bool _finished;

    /// <summary>Starts a frame.</summary>
    /// <param name="options">How the frame is written.</param>
    /// <param name="contentBytes">
    /// The length of all the content, if it is known; written to the header if the options say so, and then
    /// checked in <see cref="Finish"/>. Null when it is not known.
    /// </param>
    /// <param name="pool">Where the buffer comes from; default <see cref="ArrayPool{T}.Shared"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The block size or the level is none, or the length is negative.
    /// </exception>
    public Lz4FrameEncoder(Lz4FrameOptions options, long? contentBytes = null, ArrayPool<byte>? pool = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _pool = pool ?? ArrayPool<byte>.Shared;
        _ = CompressionLevel.Checked(options.Level);
        _table = options.LinkedBlocks && options.Level == CompressionLevel.Fast ? new byte[IPositionTable.TableBytes] : [];
        Reset(contentBytes);
    }

    /// <summary>Adds content; writes the blocks that became full.</summary>
    /// <param name="content">The next bytes; may be empty. Not kept.</param>
    /// <param name="output">Where the frame goes.</param>
    /// <exception cref="InvalidOperationException">The frame is finished.</exception>
    public void Append(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        Begin(output);
        _contentBytes += (uint)content.Length;
        if (_header.ContentChecksum)
            _contentHash.Append(content);
        while (!content.IsEmpty)
        {
            if (!_header.LinkedBlocks && _blockEnd == _blockStart && content.Length >= _header.BlockBytesMax)
            {
                WriteBlock(content[.._header.BlockBytesMax], 0, output);
                content = content[_header.BlockBytesMax..];
                continue;
            }

            MakeRoom();
            int take = Math.Min(_header.BlockBytesMax - (_blockEnd - _blockStart), content.Length);
            content[..take].CopyTo(_buffer.AsSpan(_blockEnd));
            _blockEnd += take;
            content = content[take..];
            if (_blockEnd - _blockStart == _header.BlockBytesMax)
                WriteGathered(output);
        }
    }

    /// <summary>
    /// Writes what has been gathered as a block, so that a reader can decode all content so far.
    /// </summary>
    /// <param name="output">Where the frame goes.</param>
    /// <exception cref="InvalidOperationException">The frame is finished.</exception>
    public void Flush(IBufferWriter<byte> output)
    {
        Begin(output);
        if (_blockEnd > _blockStart)
            WriteGathered(output);
    }

    /// <summary>Ends the frame.</summary>
    /// <param name="output">Where the frame goes.</param>
    /// <exception cref="InvalidOperationException">
    /// The frame is finished already, or the content has another length than the constructor was told.
    /// </exception>
    public void Finish(IBufferWriter<byte> output)
    {
        Flush(output);
        if (_header.ContentSize is { } size && size != _contentBytes)
        {
            throw new InvalidOperationException(
                $"The frame's header says {size} bytes of content, but {_contentBytes} were appended.");
        }

        int endBytes = FrameFormat.BlockSizeBytes + (_header.ContentChecksum ? FrameFormat.ChecksumBytes : 0);
        Span<byte> end = output.GetSpan(endBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(end, FrameFormat.EndMark);
        if (_header.ContentChecksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                end[FrameFormat.BlockSizeBytes..], _contentHash.Finish());
        }

        output.Advance(endBytes);
        _finished = true;
    }

    /// <summary>Starts another frame with the same options; what was not finished is dropped.</summary>
    /// <param name="contentBytes">As in the constructor.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public void Reset(long? contentBytes = null)
    {
        if (contentBytes is { } bytes)
            ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(contentBytes));
        _header = Lz4FrameHeader.From(_options, contentBytes);
        _contentHash = default;
        _contentBytes = 0;
        _blockPosition = 0;
        _blockStart = 0;
        _blockEnd = 0;
        _wroteHeader = false;
        _finished = false;
        _table.AsSpan().Clear();
        if (!_high.IsActive)
            _high = new HighCompressor(_options.Level, _pool);
    }

    /// <summary>
    /// Gives the buffer back to the pool. Writes nothing: an unfinished frame stays unfinished.
    /// </summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            _pool.Return(_buffer);
        _buffer = [];
        _high.Return();
        _finished = true;
    }

    private void Begin(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_finished)
            throw new InvalidOperationException("The frame is finished; call Reset to start another.");
        if (_wroteHeader)
            return;
        _header.Write(output.GetSpan(_header.HeaderBytes));
        output.Advance(_header.HeaderBytes);
        _wroteHeader = true;
    }

    /// <summary>
    /// Makes sure that the block being gathered can grow to its full length behind its history.
    /// </summary>
    private void MakeRoom()
    {
        if (_buffer.Length == 0)
        {
            _buffer = _pool.Rent(_header.LinkedBlocks
                ? FrameFormat.WindowBytes + Math.Max(_header.BlockBytesMax, 4 * FrameFormat.WindowBytes)
                : _header.BlockBytesMax);
        }

        if (_buffer.Length - _blockStart >= _header.BlockBytesMax)
            return;
        int historyBytes = HistoryBytes;
        int gatheredBytes = _blockEnd - _blockStart;
        _buffer.AsSpan(_blockStart - historyBytes, historyBytes + gatheredBytes).CopyTo(_buffer);
        _blockStart = historyBytes;
        _blockEnd = historyBytes + gatheredBytes;
    }

    private int HistoryBytes => _header.LinkedBlocks ? Math.Min(_blockStart, FrameFormat.WindowBytes) : 0;

    private void WriteGathered(IBufferWriter<byte> output)
    {
        int historyBytes = HistoryBytes;
        int blockBytes = _blockEnd - _blockStart;
        ReadOnlySpan<byte> window = _buffer.AsSpan(_blockStart - historyBytes, historyBytes + blockBytes);
        WriteBlock(window, historyBytes, output);
        if (!_header.LinkedBlocks)
        {
            _blockEnd = _blockStart;
            return;
        }

        _blockStart = _blockEnd;
        _blockPosition += (uint)blockBytes;
        if (_blockPosition > PositionMax)
        {
            // Entries of zero are out of reach from here, and 64 KiB of history are in the buffer.
            _table.AsSpan().Clear();
            _blockPosition = FrameFormat.WindowBytes;
        }
    }

    private void WriteBlock(ReadOnlySpan<byte> window, int prefixBytes, IBufferWriter<byte> output)
    {
        Span<byte> destination = output.GetSpan(FrameBlocks.Bound(window.Length - prefixBytes));
        output.Advance(FrameBlocks.Write(
            window, prefixBytes, _blockPosition, _table, ref _high, _header.BlockChecksums, destination));
    }
}
