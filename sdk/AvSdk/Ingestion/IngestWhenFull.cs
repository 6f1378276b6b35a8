namespace AvSdk.Ingestion;

/// <summary>
/// What the ingest socket does with a plain stream's message for which the recorder has no room.
/// </summary>
public enum IngestWhenFull
{
    /// <summary>
    /// Reads no further until there is room, so that the writer's socket fills and the writer waits.
    /// </summary>
    Wait = 0,

    /// <summary>Drops the message and counts it in the ledger, so that the writer never waits.</summary>
    Drop,
}
