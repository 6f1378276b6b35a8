namespace AvSdk.Recording;

/// <summary>What checking a ledger's file found.</summary>
public sealed record LedgerVerdict
{
    /// <summary>The recording; null: no entry is whole.</summary>
    public required Guid? RecordingId { get; init; }

    /// <summary>The vehicle; empty: no entry is whole.</summary>
    public required string VehicleId { get; init; }

    /// <summary>Entries that follow one another from the beginning.</summary>
    public required int Entries { get; init; }

    /// <summary>Chains that they make up; more than one where the vehicle itself lost entries and said so.</summary>
    public required int Parts { get; init; }

    /// <summary>The recording's end is in it.</summary>
    public required bool IsEnded { get; init; }

    /// <summary>The hash of the last of those entries, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> HeadSha256 { get; init; }

    /// <summary>
    /// Of those entries, how many a signature stands for: one that is good where a key was given, any where none was.
    /// </summary>
    public required int SignedEntries { get; init; }

    /// <summary>What is wrong, a sentence each; empty: nothing.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}
