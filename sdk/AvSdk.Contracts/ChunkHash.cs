using System.Security.Cryptography;

namespace AvSdk.Contracts;

/// <summary>
/// The hash of a chunk (<c>ChunkHeader.sha256</c>, recording.proto): SHA-256 over the hash of the chunk before it in
/// the lane, then the body.
/// </summary>
public static class ChunkHash
{
    /// <summary>Length of a hash, bytes: 32.</summary>
    public const int Bytes = SHA256.HashSizeInBytes;

    /// <summary>Hashes a chunk whose body is at hand.</summary>
    /// <param name="previous">The hash of the lane's chunk before it; 32 zero bytes for sequence 1.</param>
    /// <param name="body">The chunk record and its message indexes.</param>
    /// <param name="destination">At least <see cref="Bytes"/> long; the first <see cref="Bytes"/> are written.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static void Compute(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        using IncrementalHash hash = Begin(previous);
        hash.AppendData(body);
        hash.GetHashAndReset(destination);
    }

    /// <summary>Begins the hash of a chunk whose body comes in pieces. The caller's to dispose.</summary>
    public static IncrementalHash Begin(ReadOnlySpan<byte> previous)
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        return hash;
    }
}
