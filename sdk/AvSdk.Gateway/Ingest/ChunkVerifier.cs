using AvSdk.Contracts;
using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// Whether a whole body is what its header says: hash first, then structure. Nothing is decompressed.
/// </summary>
internal static class ChunkVerifier
{
    /// <summary>Null: it is. Otherwise why it never will be, for the receipt.</summary>
    public static string? Check(ChunkHeader header, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[ChunkHash.Bytes];
        ChunkHash.Compute(header.PreviousSha256.Span, body, hash);
        if (!header.Sha256.Span.SequenceEqual(hash))
        {
            return $"hash: the body came to {Convert.ToHexStringLower(hash)}, its header says "
                + $"{Convert.ToHexStringLower(header.Sha256.Span)}.";
        }

        return ChunkStructure.Check(header, body);
    }
}
