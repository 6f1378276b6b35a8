namespace AvSdk.Query;

/// <summary>Where a message comes from. One instance for all messages of a chunk.</summary>
/// <param name="VehicleId">The vehicle.</param>
/// <param name="RecordingId">The recording, a UUIDv7.</param>
/// <param name="Lane">The lane.</param>
/// <param name="ChunkSequence">The chunk's number in the lane, from 1.</param>
/// <param name="ChunkSha256">
/// 32 bytes: the hash that the vehicle set over the chunk before and this one; checked when the chunk was
/// read.
/// </param>
public sealed record MessageOrigin(
    string VehicleId, Guid RecordingId, string Lane, ulong ChunkSequence, ReadOnlyMemory<byte> ChunkSha256);
