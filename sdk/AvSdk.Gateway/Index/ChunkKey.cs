using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>The name of a chunk: unique over all vehicles and gateways.</summary>
/// <param name="RecordingId">A UUIDv7.</param>
/// <param name="Lane">The lane's name, compared byte by byte.</param>
/// <param name="Sequence">From 1, without gaps, in the lane.</param>
public readonly record struct ChunkKey(Guid RecordingId, string Lane, ulong Sequence)
{
    /// <summary>
    /// From the wire; <paramref name="chunk"/>'s recording id must have been found to be 16 bytes.
    /// </summary>
    public static ChunkKey From(ChunkRef chunk) =>
        new(RecordingIds.Read(chunk.RecordingId), chunk.Lane, chunk.Sequence);

    /// <summary>For the wire.</summary>
    public ChunkRef ToRef() => new()
    {
        RecordingId = RecordingIds.Write(RecordingId),
        Lane = Lane,
        Sequence = Sequence,
    };

    /// <summary>For people: <c>0198…/telemetry/17</c>.</summary>
    public override string ToString() => $"{RecordingId}/{Lane}/{Sequence}";
}
