using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>
/// A recording of which something is in the spool. Mutable state is the <see cref="SpoolIndex"/>'s.
/// </summary>
internal sealed class SpoolRecording(Guid id, RecordingInfo info)
{
    public Guid Id { get; } = id;

    public RecordingInfo Info { get; set; } = info;

    public RecordingDefinitions Definitions { get; } = new();

    public int Segments { get; set; }

    /// <summary>A file of it could not be removed: the next run finds it again.</summary>
    public bool LeavesFiles { get; set; }

    /// <summary>Its chunks that have no end.</summary>
    public long PendingChunks { get; set; }

    /// <summary>Its end; null while it goes on or recovery has not found it.</summary>
    public RecordingEnd? End { get; set; }

    /// <summary>The gateway has its end.</summary>
    public bool IsEndTold { get; set; }
}
