namespace AvSdk.Mcap;

/// <summary>What a recovery found, kept and left out.</summary>
public sealed record McapRecoveryReport
{
    /// <summary>The most entries that <see cref="Skipped"/> and <see cref="Mended"/> hold.</summary>
    public const int EntriesMax = 1000;

    /// <summary>
    /// Whether anything of the data was left out, or has lost the checksum that should vouch for it. False: the
    /// recovered file holds every message, attachment, metadata and private record up to where the file ends.
    /// </summary>
    public bool IsLossy => SkippedCount > 0;

    /// <summary>Whether the file ended in a footer and the magic after it.</summary>
    public bool WasSealed { get; init; }

    /// <summary>Bytes of the damaged file.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes of the recovered file.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Messages in the recovered file.</summary>
    public long MessagesRecovered { get; init; }

    /// <summary>
    /// Those of <see cref="MessagesRecovered"/> that no checksum vouches for: their chunk has none, or they stood
    /// outside of chunks in a file whose data section's CRC is missing or wrong. Salvaged ones are among them.
    /// </summary>
    public long MessagesUnchecked { get; init; }

    /// <summary>
    /// Those that were taken out of damaged chunks; see <see cref="McapRecoveryOptions.SalvageDamagedChunks"/>.
    /// </summary>
    public long MessagesSalvaged { get; init; }

    /// <summary>
    /// Messages lost: from the file's statistics where their CRC is right, else from the entries of
    /// <see cref="Skipped"/> where each knows and the data section's CRC says that they are all; null: nobody knows,
    /// as of a file without either.
    /// </summary>
    public long? MessagesLost { get; init; }

    /// <summary>What was kept of each channel that the recovered file defines, in order of id.</summary>
    public IReadOnlyList<McapRecoveredChannel> Channels { get; init; } = [];

    /// <summary>Chunks whose compressed bytes were copied as they are, after their CRC was checked.</summary>
    public long ChunksCopied { get; init; }

    /// <summary>Chunks of which a part was kept, and that were compressed anew for it.</summary>
    public long ChunksRewritten { get; init; }

    /// <summary>Chunks of which nothing was kept.</summary>
    public long ChunksSkipped { get; init; }

    /// <summary>Attachments in the recovered file.</summary>
    public long Attachments { get; init; }

    /// <summary>Metadata records in the recovered file.</summary>
    public long Metadata { get; init; }

    /// <summary>Applications' own records in the recovered file, outside of chunks.</summary>
    public long PrivateRecords { get; init; }

    /// <summary>What was left out, in file order; at most <see cref="EntriesMax"/> entries.</summary>
    public IReadOnlyList<McapSkipped> Skipped { get; init; } = [];

    /// <summary>How many parts were left out, those beyond the list included.</summary>
    public long SkippedCount { get; init; }

    /// <summary>Bytes of all of them.</summary>
    public long BytesSkipped { get; init; }

    /// <summary>
    /// What was wrong and could be put right without losing anything, in the order of its discovery; at most
    /// <see cref="EntriesMax"/> entries. For example definitions that only the summary still had.
    /// </summary>
    public IReadOnlyList<McapError> Mended { get; init; } = [];
}
