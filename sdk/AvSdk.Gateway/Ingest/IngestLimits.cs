namespace AvSdk.Gateway.Ingest;

/// <summary>What one stream may send; the first three are told in <c>Opened</c>.</summary>
internal sealed record IngestLimits
{
    public int PartBytesMax { get; init; } = 1 << 20;

    public long UnacknowledgedBytesMax { get; init; } = 256L << 20;

    public int ChunkBytesMax { get; init; } = 128 << 20;

    /// <summary>Headers of one Announce.</summary>
    public int HeadersMax { get; init; } = 16_384;

    /// <summary>Chunks with parts under way at the same time.</summary>
    public int ChunksUnderWayMax { get; init; } = 1024;

    /// <summary>Chunks that were told to begin again and have not yet.</summary>
    public int SettledChunksMax { get; init; } = 65_536;

    /// <summary>Bytes of all labels of a recording, or of all metadata of a channel.</summary>
    public int TextMapBytesMax { get; init; } = 64 << 10;

    public static IngestLimits From(GatewayOptions options) => new()
    {
        PartBytesMax = options.PartBytesMax,
        UnacknowledgedBytesMax = options.UnacknowledgedBytesMax,
        ChunkBytesMax = options.ChunkBytesMax,
    };
}
