using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>How a file is read.</summary>
public sealed record McapReadOptions
{
    /// <summary>The options when none are given.</summary>
    public static McapReadOptions Default { get; } = new();

    /// <summary>How large what comes from bytes may be; default: the default limits.</summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;

    /// <summary>
    /// Whether the CRCs of chunks, data section, summary and attachments are checked, where they are there; default
    /// true. Reading from the beginning (<see cref="McapStreamReader"/>) checks all four; reading by index
    /// (<see cref="McapIndexedReader"/>) checks the summary's when it opens and those of the chunks and attachments
    /// that it reads, but not the data section's, for which it would have to read all of the file.
    /// </summary>
    public bool CheckCrcs { get; init; } = true;

    /// <summary>
    /// Whether the input may end after any whole record, as a file does whose writer died and a socket whose
    /// writer went; default false: that is an error. An input that ends within a record is one in any case.
    /// </summary>
    public bool AllowUnsealed { get; init; }

    /// <summary>
    /// The memory of a cursor for chunks that overlap in time, bytes; default 256 MiB. When they need more, the one
    /// whose next message is furthest away is let go and read again later: slower, never wrong. A single chunk may
    /// be larger than this.
    /// </summary>
    public long BufferBytesMax { get; init; } = 256L << 20;

    /// <summary>
    /// Chunks that are read and decompressed by the thread pool ahead of a cursor, so that it waits for them less and
    /// uses more cores; within <see cref="BufferBytesMax"/>. Default null: 0, and 2 for an
    /// <see cref="IMcapRemoteSource"/>. Order and errors are the same as without; the source is then read by
    /// several threads at once.
    /// </summary>
    public int? ReadAhead { get; init; }

    /// <summary>Where memory for chunks comes from; tests count it.</summary>
    internal ArrayPool<byte> Pool { get; init; } = ArrayPool<byte>.Shared;
}
