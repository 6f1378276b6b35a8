using System.Security.Cryptography;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Ledger;

/// <summary>
/// The rules by which entries of a ledger (ledger.proto) follow one another; the same for who writes, who stores and who
/// checks. A chain is read part by part, entry by entry.
/// </summary>
/// <remarks>Immutable: taking an entry gives the chain that has it.</remarks>
public sealed record LedgerChain
{
    /// <summary>The largest entry, bytes serialised: 256 KiB.</summary>
    public const int EntryBytesMax = 256 << 10;

    /// <summary>32 zero bytes: what stands before the first entry.</summary>
    public static ByteString Zero { get; } = ByteString.CopyFrom(new byte[ChunkHash.Bytes]);

    /// <summary>A chain without an entry.</summary>
    public static LedgerChain Empty { get; } = new();

    /// <summary>The part of the last entry; 0: there is none.</summary>
    public uint Part { get; init; }

    /// <summary>The last entry's index in its part; 0: there is none.</summary>
    public ulong Index { get; init; }

    /// <summary>The last entry's hash; <see cref="Zero"/>: there is none.</summary>
    public ByteString Head { get; init; } = Zero;

    /// <summary>The hash of an entry: SHA-256 of its bytes.</summary>
    public static ByteString Hash(ReadOnlySpan<byte> entryBytes)
    {
        Span<byte> hash = stackalloc byte[ChunkHash.Bytes];
        SHA256.HashData(entryBytes, hash);
        return ByteString.CopyFrom(hash);
    }

    /// <summary>Parses an entry; null: the bytes are none.</summary>
    public static LedgerEntry? Parse(ReadOnlySpan<byte> entryBytes)
    {
        if (entryBytes.Length > EntryBytesMax)
            return null;
        try
        {
            return LedgerEntry.Parser.ParseFrom(entryBytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>Why an entry cannot stand in a ledger, whatever stands before it; null: it can.</summary>
    public static string? Problem(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index == 0)
            return "its index is 0; indexes begin at 1";
        if ((entry.Began is not null) != (entry.Index == 1))
            return "the beginning of a part stands in entry 1, and only there";
        if (entry.Began is { Part: 0 } or { Recording: null })
            return "its beginning names no part, or no recording";
        foreach (LedgerChunks chunks in entry.Chunks)
        {
            if (chunks.FirstSequence == 0 || chunks.LastSequence < chunks.FirstSequence
                || chunks.LastSequence > long.MaxValue || chunks.End == LedgerChunks.Types.End.Unspecified)
            {
                return $"it ends chunks {chunks.FirstSequence} to {chunks.LastSequence} as {chunks.End}";
            }
        }

        return null;
    }

    /// <summary>
    /// The chain with the entry; null, and why, where it does not follow. Another part may follow any entry of a part
    /// before: which, is the caller's to check where it matters.
    /// </summary>
    /// <param name="entry">The parsed entry.</param>
    /// <param name="entryBytes">Its bytes.</param>
    /// <param name="problem">Empty where it follows.</param>
    public LedgerChain? Take(LedgerEntry entry, ReadOnlySpan<byte> entryBytes, out string problem)
    {
        problem = Problem(entry) ?? "";
        if (problem.Length > 0)
            return null;
        if (entry.Began is { } began)
        {
            if (began.Part <= Part)
            {
                problem = $"it begins part {began.Part} after part {Part}";
                return null;
            }
        }
        else if (Part == 0 || entry.Index != Index + 1)
        {
            problem = $"its index is {entry.Index} after {Index}";
            return null;
        }
        else if (entry.PreviousSha256 != Head)
        {
            problem = "previous_sha256 is not the hash of the entry before";
            return null;
        }

        return new LedgerChain { Part = entry.Began?.Part ?? Part, Index = entry.Index, Head = Hash(entryBytes) };
    }
}
