using AvSdk.Recording.Live;

namespace AvSdk.Recording;

/// <summary>How a recorder is doing, at one moment; for people and monitors.</summary>
/// <param name="RecordingId">The recording that goes on.</param>
/// <param name="VehicleId">The vehicle.</param>
/// <param name="StartedAt">When the recording was started.</param>
/// <param name="MemoryBytes">Memory of chunks that are being built or on their way to the spool.</param>
/// <param name="SpoolBytes">Bytes of all segments.</param>
/// <param name="FreeBytes">Bytes that the disk has left; -1: it would not say.</param>
/// <param name="Lanes">The lanes, in order of configuration.</param>
/// <param name="Uplink">The way to the gateway.</param>
/// <param name="Recovery">What was found of earlier recordings.</param>
/// <param name="LastSpoolError">The last thing that the disk refused; null: nothing.</param>
public sealed record RecorderStatus(
    Guid RecordingId, string VehicleId, DateTimeOffset StartedAt, long MemoryBytes, long SpoolBytes, long FreeBytes,
    IReadOnlyList<LaneStatus> Lanes, UplinkStatus Uplink, RecoveryStatus Recovery, string? LastSpoolError)
{
    /// <summary>The links that chunks may go over, in order of preference; empty: none are named.</summary>
    public IReadOnlyList<LinkStatus> Links { get; init; } = [];

    /// <summary>Whether the disk takes what is recorded.</summary>
    public DiskStatus Disk { get; init; } = DiskStatus.Good;

    /// <summary>What became of samples for those who watch.</summary>
    public LiveStatus Live { get; init; } = new(0, 0);
}

/// <summary>One lane.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LastSequence">The sequence of its last chunk in this recording; 0: none yet.</param>
/// <param name="PendingChunks">Chunks of any recording without a receipt.</param>
/// <param name="PendingBytes">Bytes of their bodies.</param>
/// <param name="SpoolBytes">Bytes of its segments.</param>
/// <param name="IsFull">True: new messages are refused for want of room.</param>
public sealed record LaneStatus(
    string Name, ulong LastSequence, long PendingChunks, long PendingBytes, long SpoolBytes, bool IsFull)
{
    /// <summary>Why it is: <c>quota</c>, <c>spool_quota</c> or <c>free_space</c>; null: it is not.</summary>
    public string? FullReason { get; init; }

    /// <summary>Of the pending chunks, those that marks keep from being evicted.</summary>
    public long PinnedChunks { get; init; }

    /// <summary>
    /// When nothing of it is pending any more, if nothing is added: by what was sent in the last minute, what the link
    /// carries and what other lanes go before. Null: not known while nothing is sent, or not over this link, or not with
    /// what its budget has left.
    /// </summary>
    public TimeSpan? TimeToEmpty { get; init; }
}

/// <summary>The way to the gateway.</summary>
/// <param name="Name">For people; empty: there is none.</param>
/// <param name="State">What it is doing.</param>
/// <param name="LastError">Why the last attempt ended; null: none failed yet.</param>
/// <param name="Attempts">Connections tried.</param>
/// <param name="PartBytes">Bytes of parts sent.</param>
/// <param name="ChunksDelivered">Chunks that have a receipt since the recorder was started.</param>
/// <param name="ChunksRejected">Chunks that the gateway will never take; they are quarantined.</param>
public sealed record UplinkStatus(
    string Name, UplinkState State, string? LastError, long Attempts, long PartBytes, long ChunksDelivered,
    long ChunksRejected)
{
    /// <summary>Bytes of parts a second, over the last minute; 0: none were sent.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Whether attempts to reach the gateway are made.</summary>
    public UplinkBreakerState Breaker { get; init; }
}

/// <summary>What an uplink is doing.</summary>
public enum UplinkState
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>Connecting.</summary>
    Connecting,

    /// <summary>Connected to a gateway.</summary>
    Connected,

    /// <summary>Waiting for the next attempt.</summary>
    Waiting,

    /// <summary>The recorder has stopped.</summary>
    Stopped,
}

/// <summary>What was found of earlier recordings. Recovery runs behind the recording.</summary>
/// <param name="IsDone">False: it goes on.</param>
/// <param name="Recordings">Earlier recordings found in the spool.</param>
/// <param name="Segments">Their segments.</param>
/// <param name="Chunks">Chunks that were pending again.</param>
/// <param name="BytesCut">Bytes of torn tails that were cut.</param>
/// <param name="DamagedFiles">Files that were put aside as <c>*.damaged</c>.</param>
public sealed record RecoveryStatus(
    bool IsDone, int Recordings, int Segments, long Chunks, long BytesCut, int DamagedFiles);
