namespace AvSdk.Mcap.Tool.Edits;

/// <summary>What an edit wrote.</summary>
internal sealed record EditReport
{
    public required ulong Messages { get; init; }

    public required int Channels { get; init; }

    public int Attachments { get; init; }

    public int Metadata { get; init; }

    /// <summary>Chunks that were copied as they were, compressed bytes and all.</summary>
    public int ChunksCopied { get; init; }

    /// <summary>Bytes of the output.</summary>
    public long Bytes { get; init; }
}
