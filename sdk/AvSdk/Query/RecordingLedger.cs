namespace AvSdk.Query;

/// <summary>
/// What became of every message of a recording: its vehicle's ledger set against what the gateway stores. See
/// <c>av.v1.LedgerReport</c> (ledger.proto).
/// </summary>
public sealed record RecordingLedger
{
    /// <summary>A UUIDv7.</summary>
    public required Guid RecordingId { get; init; }

    /// <summary>The vehicle that recorded it.</summary>
    public required string VehicleId { get; init; }

    /// <summary>Whether the gateway has the ledger.</summary>
    public required LedgerPresence Presence { get; init; }

    /// <summary>
    /// True: the ledger is whole, and every message that was offered is in a count or a stretch with a reason.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>The recorder stopped in order.</summary>
    public required bool Orderly { get; init; }

    /// <summary>The vehicle's clock when it wrote the newest entry, ns; 0: there is none.</summary>
    public required ulong ToldAt { get; init; }

    /// <summary>The topics, in order of topic.</summary>
    public required IReadOnlyList<LedgerTopic> Topics { get; init; }

    /// <summary>The lanes, in order of name.</summary>
    public required IReadOnlyList<LedgerLane> Lanes { get; init; }

    /// <summary>The chains that the ledger consists of; more than one where the vehicle lost entries.</summary>
    public required IReadOnlyList<LedgerChainPart> Parts { get; init; }

    /// <summary>Where the vehicle's word and the store differ; empty: nowhere.</summary>
    public required IReadOnlyList<LedgerDisagreementEntry> Disagreements { get; init; }
}
