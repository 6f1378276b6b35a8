namespace AvSdk.Mcap;

/// <summary>How a file is written. The defaults give everything that a reader may want.</summary>
public sealed record McapWriterOptions
{
    /// <summary>The most compression workers of one writer: <see cref="Workers"/>.</summary>
    public const int WorkersMax = 64;

    /// <summary>The header's profile; default empty: none.</summary>
    public string Profile { get; init; } = "";

    /// <summary>The header's library; default <c>avsdk</c>.</summary>
    public string Library { get; init; } = "avsdk";

    /// <summary>
    /// A chunk is written once its records reach so many bytes before compression; default 4 MiB. A message
    /// of this size or more gets a chunk of its own. 0: messages go into the file one by one, without
    /// chunks, and cannot be found by index.
    /// </summary>
    public int ChunkBytes { get; init; } = 4 << 20;

    /// <summary>How chunks are compressed; default LZ4, fast.</summary>
    public ChunkCompression Compression { get; init; } = ChunkCompression.Lz4;

    /// <summary>
    /// Threads that compress; default 0: the caller's own. With n, n threads of the writer's own compress n
    /// chunks at a time, while the caller fills another; the file is the same, byte for byte. Memory: n + 1
    /// chunks and their compressed forms; when all are under way, a call that fills one waits. At most
    /// <see cref="WorkersMax"/>.
    /// </summary>
    public int Workers { get; init; }

    /// <summary>
    /// Whether schemas and channels are written into each chunk that uses them, as the official writers do,
    /// rather than before it; default false: a file without a summary is then understood without
    /// decompressing. Without chunks it says nothing.
    /// </summary>
    public bool DefinitionsInChunks { get; init; }

    /// <summary>
    /// Whether MessageIndex records follow each chunk; default true. Without them a scan cannot count
    /// messages, and a file cannot be appended to with its statistics kept, unless it has a summary.
    /// </summary>
    public bool MessageIndexes { get; init; } = true;

    /// <summary>Whether the summary has an index of the chunks; default true.</summary>
    public bool ChunkIndexes { get; init; } = true;

    /// <summary>Whether the summary has statistics; default true.</summary>
    public bool Statistics { get; init; } = true;

    /// <summary>Whether the summary repeats the schemas; default true.</summary>
    public bool RepeatSchemas { get; init; } = true;

    /// <summary>Whether the summary repeats the channels; default true.</summary>
    public bool RepeatChannels { get; init; } = true;

    /// <summary>Whether the summary has an index of the attachments; default true.</summary>
    public bool AttachmentIndexes { get; init; } = true;

    /// <summary>Whether the summary has an index of the metadata; default true.</summary>
    public bool MetadataIndexes { get; init; } = true;

    /// <summary>Whether the summary says where its groups of records are; default true.</summary>
    public bool SummaryOffsets { get; init; } = true;

    /// <summary>Whether chunks have the CRC of their records; default true. False writes 0.</summary>
    public bool ChunkCrcs { get; init; } = true;

    /// <summary>
    /// Whether the CRC of the data section is kept; default true. The chunks have CRCs of their own.
    /// </summary>
    public bool DataSectionCrc { get; init; } = true;

    /// <summary>
    /// Whether disposing an unfinished writer finishes the file; default true. False leaves it unsealed, and
    /// without the messages of the chunk under construction (see <see cref="McapWriter.Flush"/>).
    /// </summary>
    public bool FinishOnDispose { get; init; } = true;

    /// <summary>
    /// What <see cref="McapWriter.WriteChunkBody"/> and <see cref="McapWriter.Append"/> take; default: the
    /// default limits.
    /// </summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;

    /// <summary>What is wrong with the options, a sentence each; empty: nothing.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (ChunkBytes is < 0 or > ChunkBuilder.RecordBytesMax)
            problems.Add($"ChunkBytes is {ChunkBytes}: give it 0 to {ChunkBuilder.RecordBytesMax}.");
        if (Workers is < 0 or > WorkersMax)
            problems.Add($"Workers is {Workers}: give it 0 to {WorkersMax}.");
        if (!Compression.IsAvailable)
            problems.Add($"Compression is {Compression.Name}, whose library is not on this machine: install it.");
        return problems;
    }
}
