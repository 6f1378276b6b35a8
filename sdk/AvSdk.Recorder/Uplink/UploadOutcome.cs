using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>What a reply of the gateway means for the spool.</summary>
internal abstract record UploadOutcome
{
    /// <summary>The chunk is durable at the gateway.</summary>
    public sealed record Delivered(ChunkRef Chunk) : UploadOutcome;

    /// <summary>The gateway will never take the chunk.</summary>
    public sealed record Rejected(ChunkRef Chunk, string Reason) : UploadOutcome;

    /// <summary>The gateway wants all of the chunk again, later.</summary>
    public sealed record NotNow(ChunkRef Chunk) : UploadOutcome;

    /// <summary>Somebody asked for the chunk.</summary>
    public sealed record Requested(ChunkRef Chunk) : UploadOutcome;

    /// <summary>How far the gateway has the ledger of the recording.</summary>
    public sealed record LedgerNoted(SpoolRecording Recording, Contracts.V1.LedgerNoted Noted) : UploadOutcome;

    /// <summary>The gateway has the end of the recording.</summary>
    public sealed record EndTold(SpoolRecording Recording) : UploadOutcome;
}
