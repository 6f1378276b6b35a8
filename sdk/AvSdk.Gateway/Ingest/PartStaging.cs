using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// Parts of unfinished chunks, in bounded memory. They outlive the stream that brought them, so that a
/// vehicle goes on at a part after it lost its link.
/// </summary>
/// <remarks>
/// At the limit the chunk untouched for longest is let go, but only when nothing came for it for a while:
/// else more vehicles than there is room for would push each other out for ever. A newcomer that finds no
/// room waits outside (RETRY_LATER). Safe for threads.
/// </remarks>
internal sealed class PartStaging(long bytesMax, TimeSpan ageMax, TimeProvider time)
{
    /// <summary>A chunk that got a part within this time is being sent.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<ChunkKey, StagedChunk> _chunks = [];
    private long _bytes;

    /// <summary>Memory taken, that of chunks being committed included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Memory taken but for chunks that nobody sends any more: those make room when it is needed.</summary>
    public long BytesInUse
    {
        get
        {
            long bytes = Bytes;
            if (bytes == 0)
                return 0;
            lock (_lock)
            {
                foreach (StagedChunk chunk in _chunks.Values)
                {
                    if (time.GetElapsedTime(chunk.TouchedAt) >= InUse)
                        bytes -= (long)chunk.Header.BodyBytes;
                }
            }

            return bytes;
        }
    }

    /// <summary>
    /// How much of this very chunk (name and hash) is here; what is here of another hash is let go.
    /// </summary>
    public ulong HeldBytes(ChunkHeader header)
    {
        lock (_lock)
        {
            if (!_chunks.TryGetValue(ChunkKey.From(header.Ref), out StagedChunk? chunk))
                return 0;
            if (chunk.Header.Equals(header))
                return (ulong)chunk.HeldBytes;
            LetGo(chunk);
            return 0;
        }
    }

    /// <summary>
    /// Makes room for a chunk; false: there is none now. Beginning a chunk that is here changes nothing.
    /// </summary>
    public bool TryBegin(string vehicleId, ChunkHeader header)
    {
        lock (_lock)
        {
            if (_chunks.ContainsKey(ChunkKey.From(header.Ref)))
                return true;
            long room = bytesMax - (long)header.BodyBytes;
            if (Bytes > room)
                LetGoUntouched(InUse, room);
            if (Bytes > room)
                return false;
            Interlocked.Add(ref _bytes, (long)header.BodyBytes);
            StagedChunk chunk = new(this, vehicleId, header, time.GetTimestamp());
            _chunks.Add(chunk.Key, chunk);
            return true;
        }
    }

    /// <summary>Adds a part to a chunk that was begun.</summary>
    public StageResult Append(
        string vehicleId, ChunkKey key, ulong offset, ReadOnlySpan<byte> data, out StagedChunk? whole)
    {
        whole = null;
        lock (_lock)
        {
            if (!_chunks.TryGetValue(key, out StagedChunk? chunk))
                return StageResult.Unknown;
            if (chunk.VehicleId != vehicleId)
                return StageResult.OtherVehicle;
            if (!chunk.TryAppend(offset, data, time.GetTimestamp()))
            {
                LetGo(chunk);
                return StageResult.Gap;
            }

            if (!chunk.IsWhole)
                return StageResult.Held;
            _chunks.Remove(key);
            whole = chunk;
            return StageResult.Whole;
        }
    }

    /// <summary>Lets go of what nobody added to for the longest time allowed.</summary>
    public void LetGoOld()
    {
        lock (_lock)
            LetGoUntouched(ageMax, long.MinValue);
    }

    /// <summary>Called by a chunk that is disposed.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    private void LetGoUntouched(TimeSpan forAtLeast, long bytesWanted)
    {
        StagedChunk[] untouched =
        [
            .. _chunks.Values
                .Where(chunk => time.GetElapsedTime(chunk.TouchedAt) >= forAtLeast)
                .OrderBy(chunk => chunk.TouchedAt),
        ];
        foreach (StagedChunk chunk in untouched)
        {
            if (Bytes <= bytesWanted)
                return;
            LetGo(chunk);
        }
    }

    private void LetGo(StagedChunk chunk)
    {
        _chunks.Remove(chunk.Key);
        chunk.Dispose();
    }
}
