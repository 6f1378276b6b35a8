using AvSdk.Recording.Chunking;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>What the lanes of a recorder share on their way to the spool.</summary>
internal sealed class LaneSpoolContext
{
    private IOException? _lastError;

    public required ISpoolFiles Files { get; init; }

    public required SpoolIndex Index { get; init; }

    /// <summary>The longest a segment of any lane grows: several of each must fit the spool.</summary>
    public required Func<long> SegmentBytesMax { get; init; }

    public required MemoryBudget Memory { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Told each chunk that counts, before its memory goes.</summary>
    public required Action<SpoolLane, ClosedChunk> ChunkSpooled { get; init; }

    /// <summary>Told each chunk that could not be written, and why; returns its messages.</summary>
    public required Func<ClosedChunk, string, long> ChunkLost { get; init; }

    /// <summary>Makes durable in the ledger what was lost so far. False: the disk refused that too.</summary>
    public required Func<bool> TryTellLosses { get; init; }

    /// <summary>What is held in memory since the disk refuses it.</summary>
    public DiskWatch Disk { get; } = new();

    /// <summary>The last thing that the disk refused; null: nothing.</summary>
    public IOException? LastError => Volatile.Read(ref _lastError);

    public void NoteError(IOException error) => Volatile.Write(ref _lastError, error);
}
