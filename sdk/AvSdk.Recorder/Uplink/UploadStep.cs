using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording.Uplink;

/// <summary>What a session wants done next.</summary>
internal abstract record UploadStep
{
    /// <summary>Introduce the vehicle.</summary>
    public sealed record Open : UploadStep;

    /// <summary>
    /// Tell what a recording consists of; the schemas of <paramref name="Whole"/> with their data.
    /// </summary>
    public sealed record Define(SpoolRecording Recording, IReadOnlySet<ByteString> Whole) : UploadStep;

    /// <summary>Tell these chunks' headers.</summary>
    public sealed record Announce(IReadOnlyList<SpoolChunk> Chunks) : UploadStep;

    /// <summary>Send so many bytes of a chunk's body.</summary>
    public sealed record Part(SpoolChunk Chunk, long Offset, int Bytes) : UploadStep;

    /// <summary>Tell how a recording ended.</summary>
    public sealed record End(SpoolRecording Recording) : UploadStep;

    /// <summary>Tell the next of a recording's ledger, or ask how far it is told.</summary>
    public sealed record Ledger(SpoolRecording Recording) : UploadStep;

    /// <summary>
    /// Nothing, until a reply comes, a chunk is added, or <paramref name="Delay"/> is over if there is one.
    /// </summary>
    public sealed record Wait(TimeSpan? Delay) : UploadStep;
}
