namespace AvSdk.Query;

/// <summary>What a reading does with a chunk that is not what the vehicle recorded.</summary>
public enum DamagedChunkPolicy
{
    /// <summary>It fails, and names the chunk.</summary>
    Fail = 0,

    /// <summary>
    /// It leaves the chunk out, logs it as an error and counts it in <c>avsdk.query.damaged_chunks</c>.
    /// </summary>
    Skip,
}
