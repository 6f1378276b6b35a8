using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>
/// One MCAP file of the spool. Mutable state is the <see cref="SpoolIndex"/>'s, under its gate.
/// </summary>
internal sealed class SpoolSegment(SpoolRecording recording, SpoolLane lane, string fileName, ulong firstSequence)
{
    public SpoolRecording Recording { get; } = recording;

    public SpoolLane Lane { get; } = lane;

    public string FileName { get; } = fileName;

    public ulong FirstSequence { get; } = firstSequence;

    public long LengthBytes { get; set; }

    public List<SpoolChunk> Chunks { get; } = [];

    /// <summary>Chunks without an end.</summary>
    public int PendingChunks { get; set; }

    /// <summary>False: chunks are still being added.</summary>
    public bool IsClosed { get; set; }

    /// <summary>
    /// Holds a chunk that is damaged or was rejected: its file is kept aside when the others have ended.
    /// </summary>
    public bool IsDamaged { get; set; }

    /// <summary>Its file is gone, or about to be.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>What follows the end of its last chunk has been done.</summary>
    public bool IsFinished { get; set; }

    /// <summary>When its last chunk ended, a timestamp of the clock.</summary>
    public long EndedAt { get; set; }

    /// <summary>How far sources had come, the most of any chunk; null: none.</summary>
    public Dictionary<(ByteString Source, string Topic), ulong>? Positions { get; set; }

    /// <summary>The journal has <see cref="Positions"/>, durably.</summary>
    public bool PositionsAreNoted { get; set; }

    public bool IsDelivered => IsClosed && PendingChunks == 0;
}
