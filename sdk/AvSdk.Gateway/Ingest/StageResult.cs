namespace AvSdk.Gateway.Ingest;

/// <summary>What became of a part.</summary>
internal enum StageResult
{
    /// <summary>It is kept; more parts are to come.</summary>
    Held,

    /// <summary>It completed the chunk, which is the caller's now.</summary>
    Whole,

    /// <summary>Nothing of this chunk is here.</summary>
    Unknown,

    /// <summary>
    /// It does not follow what is here: the chunk was let go, and must be sent from its start.
    /// </summary>
    Gap,

    /// <summary>The chunk that is here is another vehicle's.</summary>
    OtherVehicle,
}
