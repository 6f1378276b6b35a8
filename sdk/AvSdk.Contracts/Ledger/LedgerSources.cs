using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>What a report of a recording's ledger is made of. Borrowed until the report is made.</summary>
public sealed record LedgerSources
{
    /// <summary>The recording.</summary>
    public required RecordingInfo Recording { get; init; }

    /// <summary>True: chunks that are stored are what counts as delivered. False: the ledger's word is.</summary>
    public required bool IsAtGateway { get; init; }

    /// <summary>The chunks that are known of, in any order. Default: none.</summary>
    public IReadOnlyCollection<LedgerChunkFact> Chunks { get; init; } = [];

    /// <summary>Entries that follow one another, part by part. Default: none, the ledger is absent.</summary>
    public IReadOnlyList<LedgerEntry> Entries { get; init; } = [];

    /// <summary>The parts of those entries. Default: none.</summary>
    public IReadOnlyList<LedgerPart> Parts { get; init; } = [];

    /// <summary>Channels that are known beside those that the ledger names. Default: none.</summary>
    public IReadOnlyCollection<ChannelDefinition> Channels { get; init; } = [];

    /// <summary>The recording's end as it was told beside the ledger. Default: it was not.</summary>
    public RecordingEnd? End { get; init; }
}
