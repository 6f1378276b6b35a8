using AvSdk.Contracts.V1;
using AvSdk.Mcap;

namespace AvSdk.Recording.Chunking;

/// <summary>
/// A chunk on its way from its builder to the spool. Owns memory until <see cref="Release"/>: first the
/// builder's, then the body's.
/// </summary>
internal sealed class ClosedChunk(
    ChunkBuilder builder, CompressionChoice choice, long reservedBytes, long quotaBytes,
    IReadOnlyList<SourcePosition> positions)
{
    private readonly TaskCompletionSource _compressed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChunkBuilder? _builder = builder;
    private PooledBufferWriter? _body;
    private long _reservedBytes = reservedBytes;

    /// <summary>What it holds, by channel id.</summary>
    public IReadOnlyList<ChunkChannelCount> Channels { get; } = builder.Channels();

    public IReadOnlyList<SourcePosition> Positions { get; } = positions;

    /// <summary>Bytes of records before compression.</summary>
    public int RecordBytes { get; } = builder.RecordBytes;

    public ulong FirstLogTime { get; } = builder.FirstLogTime;

    public ulong LastLogTime { get; } = builder.LastLogTime;

    /// <summary>What it counts against the lane's quota until it is in the spool.</summary>
    public long QuotaBytes { get; } = quotaBytes;

    public ChunkBodySize Size { get; private set; }

    /// <summary>Completes when <see cref="Body"/> can be had.</summary>
    public Task Compressed => _compressed.Task;

    public ReadOnlyMemory<byte> Body => _body!.Written;

    /// <summary>Set when the chunk is written: its place in the lane's chain.</summary>
    public ChunkHeader? Header { get; set; }

    /// <summary>Compresses; on a worker.</summary>
    public void Compress(ChunkBufferPool pool, MemoryBudget memory)
    {
        ChunkBuilder builder = _builder!;
        PooledBufferWriter body = new(pool);
        try
        {
            ChunkCompression compression = choice.Next();
            Size = builder.WriteBody(compression, body);
            if (compression.Name.Length > 0)
                choice.Tried(gained: Size.Compression.Length > 0);
            _body = body;
            builder.Dispose();
            _builder = null;
            long held = Math.Min(_reservedBytes, body.CapacityBytes);
            long surplus = _reservedBytes - held;
            _reservedBytes = held;
            memory.Release(surplus);
            _compressed.SetResult();
        }
        catch (Exception error)
        {
            body.Dispose();
            _compressed.SetException(error);
        }
    }

    /// <summary>Gives all memory back; the body must not be used any more.</summary>
    public void Release(MemoryBudget memory)
    {
        _builder?.Dispose();
        _builder = null;
        _body?.Dispose();
        _body = null;
        long reserved = Interlocked.Exchange(ref _reservedBytes, 0);
        memory.Release(reserved);
    }
}
