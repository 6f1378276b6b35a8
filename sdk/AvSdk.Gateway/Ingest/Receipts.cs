using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Ingest;

/// <summary>The four words that a gateway has about a chunk.</summary>
internal static class Receipts
{
    public const uint RetryAfterMilliseconds = 1000;

    public static Receipt Stored(ChunkHeader header) => new()
    {
        Ref = header.Ref,
        Outcome = Receipt.Types.Outcome.Stored,
        Sha256 = header.Sha256,
    };

    public static Receipt AlreadyStored(ChunkHeader header) => new()
    {
        Ref = header.Ref,
        Outcome = Receipt.Types.Outcome.AlreadyStored,
        Sha256 = header.Sha256,
    };

    public static Receipt RetryLater(ChunkRef chunk, string reason) => new()
    {
        Ref = chunk,
        Outcome = Receipt.Types.Outcome.RetryLater,
        Reason = reason,
        RetryAfterMs = RetryAfterMilliseconds,
    };

    public static Receipt Rejected(ChunkRef chunk, string reason) => new()
    {
        Ref = chunk,
        Outcome = Receipt.Types.Outcome.Rejected,
        Reason = reason,
    };

    public static string OtherHash(ChunkHeader told, ChunkHeader stored) =>
        $"identity: a chunk of this name with hash {Convert.ToHexStringLower(stored.Sha256.Span)} is stored; "
        + $"this one has {Convert.ToHexStringLower(told.Sha256.Span)}.";
}
