using System.Buffers;

namespace AvSdk.Lz4;

/// <summary>Compresses blocks at the levels 3 to 12, with a workspace from a pool.</summary>
/// <remarks>
/// A struct, so that a call for one block allocates nothing. Positions go on from block to block: what the
/// tables hold of an earlier one is out of reach, and need not be cleared, or is what a linked block wants.
/// </remarks>
internal struct HighCompressor
{
    /// <summary>With this and the longest block a position still fits 32 bits.</summary>
    private const uint PositionMax = 1u << 30;

    private readonly int _level;
    private readonly ArrayPool<byte>? _pool;
    private byte[]? _workspace;
    private uint _position;
    private uint _entered;

    /// <summary>Rents the workspace if the level needs one.</summary>
    public HighCompressor(int level, ArrayPool<byte> pool)
    {
        _level = level;
        if (!CompressionLevel.IsHigh(level))
            return;
        _pool = pool;
        _workspace = pool.Rent(
            HashChains.TableBytes + (level >= CompressionLevel.OptimalMin ? OptimalParser.PlaceBytes : 0));
        Clear();
    }

    /// <summary>Whether the level is a high one, so that this compresses.</summary>
    public readonly bool IsActive => _workspace is not null;

    /// <summary>Compresses a block that may refer to the bytes before it.</summary>
    /// <param name="window">History, then the block. The history is the end of what came in the calls before.
    /// </param>
    /// <param name="prefixBytes">How much of the window is history, at most 64 KiB.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>The bytes written; 0 where they do not fit.</returns>
    /// <remarks>
    /// Unsafe: the pointers are the pinned spans and the pinned workspace with their own lengths. A position
    /// that is searched is 12 bytes before the end, as the format asks, so 4 bytes are there.
    /// </remarks>
    public unsafe int Compress(ReadOnlySpan<byte> window, int prefixBytes, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_workspace is null, typeof(HighCompressor));
        if ((uint)prefixBytes > (uint)Math.Min(window.Length, FrameFormat.WindowBytes))
            throw new ArgumentException("The window and its prefix do not fit together.");
        if (destination.IsEmpty)
            return 0;
        if (_position > PositionMax)
            Clear();
        else if (prefixBytes == 0)
            _position += FrameFormat.WindowBytes;
        uint first = _position;
        uint end = first + (uint)(window.Length - prefixBytes);
        _position = end;
        uint lowest = first - (uint)prefixBytes;
        fixed (byte* from = window, to = destination, tables = _workspace)
        {
            byte* zero = from - lowest;
            SequenceWriter writer = new(zero, first, end, to, to + destination.Length);
            if (end - first <= BlockCompressor.MatchStartMargin)
                return writer.Finish();
            HashChains chains = new(tables)
            {
                Zero = zero,
                Lowest = lowest,
                MatchEnd = end - BlockCompressor.LastLiterals,
                Entered = Math.Max(_entered, lowest),
            };
            nuint searchEnd = end - BlockCompressor.MatchStartMargin + 1;
            int attempts = CompressionLevel.Attempts(_level);
            bool fits = _level < CompressionLevel.OptimalMin
                ? LazyParser.TryCompress(ref chains, ref writer, searchEnd, attempts)
                : OptimalParser.TryCompress(
                    ref chains, ref writer, searchEnd, attempts, CompressionLevel.EnoughBytes(_level),
                    _workspace.AsSpan(HashChains.TableBytes));
            _entered = (uint)chains.Entered;
            return fits ? writer.Finish() : 0;
        }
    }

    /// <summary>Forgets all content; what comes next is linked to nothing.</summary>
    public void Clear()
    {
        _workspace.AsSpan(0, Math.Min(HashChains.HeadBytes, _workspace?.Length ?? 0)).Clear();
        _position = 2 * FrameFormat.WindowBytes;
        _entered = 0;
    }

    /// <summary>Gives the workspace back.</summary>
    public void Return()
    {
        if (_workspace is not null)
            _pool!.Return(_workspace);
        _workspace = null;
    }
}
