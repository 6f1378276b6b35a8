namespace AvSdk.Gateway.Index;

/// <summary>What became of one chunk in <see cref="IChunkIndex.StoreAsync"/>.</summary>
public enum StoreOutcome
{
    /// <summary>It has its row now.</summary>
    Stored = 0,

    /// <summary>A row with the same name and hash was there: the bytes just written are not needed.</summary>
    AlreadyStored,

    /// <summary>A row with the same name and another hash was there, and stays.</summary>
    Conflict,
}
