namespace AvSdk.Mcap;

/// <summary>How large what comes from bytes may be. Checked before anything is sliced or rented.</summary>
public sealed record McapLimits
{
    /// <summary>The limits when none are given.</summary>
    public static McapLimits Default { get; } = new();

    /// <summary>
    /// The largest content of one record, bytes; default 1 GiB, at most 2,147,483,591 less 64.
    /// </summary>
    public long RecordBytesMax { get; init; } = 1L << 30;

    /// <summary>The largest size of a chunk's records before compression, bytes; default 1 GiB.</summary>
    public long ChunkBytesMax { get; init; } = 1L << 30;

    /// <summary>The largest text (name, topic, key or value of a map), bytes; default 16 MiB.</summary>
    public int TextBytesMax { get; init; } = 16 << 20;

    /// <summary>The largest summary (chunk indexes and all), bytes; default 256 MiB.</summary>
    public long SummaryBytesMax { get; init; } = 256L << 20;
}
