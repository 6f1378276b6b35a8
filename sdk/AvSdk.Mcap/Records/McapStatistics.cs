namespace AvSdk.Mcap;

/// <summary>Counts of a whole file (MCAP specification, "Statistics").</summary>
public sealed record McapStatistics
{
    /// <summary>Message records in the file.</summary>
    public ulong MessageCount { get; init; }

    /// <summary>Different schema ids in the file.</summary>
    public ushort SchemaCount { get; init; }

    /// <summary>Different channel ids in the file.</summary>
    public uint ChannelCount { get; init; }

    /// <summary>Attachment records in the file.</summary>
    public uint AttachmentCount { get; init; }

    /// <summary>Metadata records in the file.</summary>
    public uint MetadataCount { get; init; }

    /// <summary>Chunk records in the file.</summary>
    public uint ChunkCount { get; init; }

    /// <summary>The earliest log time, ns; 0 when the file has no messages.</summary>
    public ulong MessageStartTime { get; init; }

    /// <summary>The latest log time, ns; 0 when the file has no messages.</summary>
    public ulong MessageEndTime { get; init; }

    /// <summary>Messages by channel id; empty: this statistic is not available.</summary>
    public IReadOnlyDictionary<ushort, ulong> ChannelMessageCounts { get; init; } =
        new Dictionary<ushort, ulong>();
}
