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

    /// <summary>The earliest log time of its chunks.</summary>
    public ulong FirstLogTime { get; set; } = ulong.MaxValue;

    /// <summary>The latest.</summary>
    public ulong LastLogTime { get; set; }

    /// <summary>Chunks without an end.</summary>
    public int PendingChunks { get; set; }

    /// <summary>False: chunks are still being added.</summary>
    public bool IsClosed { get; set; }

    /// <summary>
    /// Holds a chunk that is damaged or was rejected: its file is kept aside when the others have ended.
    /// </summary>
    public bool IsDamaged { get; set; }

    /// <summary>It was made smaller by every second chunk, or cannot be.</summary>
    public bool IsThinned { get; set; }

    /// <summary>The last of its chunks was evicted: the file goes as soon as the journal knows it.</summary>
    public bool IsEvicted { get; set; }

    /// <summary>It could not be written anew: it goes whole, or not at all.</summary>
    public bool CannotRewrite { get; set; }

    /// <summary>When its first message was recorded, a timestamp of the clock.</summary>
    public long BegunAt { get; init; }

    /// <summary>The same by the wall clock, ns since 1970; 0: not known.</summary>
    public ulong BegunAtUnix { get; init; }

    /// <summary>Bytes of the file beside bodies when it was written anew; 0: it was not.</summary>
    public long OverheadBytes { get; set; }

    /// <summary>Bytes of pending chunks in the window of a mark.</summary>
    public long PinnedBytes { get; set; }

    /// <summary>Bytes that deleting it gives, as its lane's quota knows them.</summary>
    public long DeliveredBytes { get; set; }

    /// <summary>Bytes that evicting from it gives, as its lane's quota knows them.</summary>
    public long EvictableBytes { get; set; }

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
