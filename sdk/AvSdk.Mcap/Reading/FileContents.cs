namespace AvSdk.Mcap;

/// <summary>
/// What an indexed reader knows of a file: from its summary, or from a scan where there is none.
/// </summary>
internal sealed class FileContents
{
    public required McapHeader Header { get; init; }

    public required Definitions Definitions { get; init; }

    public required IReadOnlyList<McapChunkIndex> Chunks { get; init; }

    public required IReadOnlyList<McapAttachmentIndex> Attachments { get; init; }

    public required IReadOnlyList<McapMetadataIndex> Metadata { get; init; }

    /// <summary>Messages outside of chunks; only a scan finds them.</summary>
    public IReadOnlyList<McapScannedRun> Runs { get; init; } = [];

    public McapStatistics? Statistics { get; init; }

    public bool IsFromSummary { get; init; }
}
