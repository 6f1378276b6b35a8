namespace AvSdk.Mcap;

/// <summary>
/// What a file holds, found record by record without a summary and without decompressing: for unsealed files,
/// to continue, repair or read them. Chunk contents are stepped over, so a scan costs a read or two a chunk.
/// </summary>
/// <remarks>
/// The scan stops at the first thing that is not a whole, well-framed record; <see cref="EndOfWholeRecords"/>
/// and <see cref="TailError"/> say where and why. What is inside chunks (records, CRC) is not looked at.
/// </remarks>
public sealed class McapScan
{
    /// <summary>The largest private record whose content a scan keeps, bytes.</summary>
    public const int PrivateBytesMax = 1 << 20;

    internal McapScan(McapHeader header, ScanFindings findings)
    {
        Header = header;
        Findings = findings;
    }

    /// <summary>The header.</summary>
    public McapHeader Header { get; }

    /// <summary>Schemas of the data section outside of chunks, each id once, in file order.</summary>
    public IReadOnlyList<McapSchema> Schemas => Findings.Schemas.Values;

    /// <summary>Channels of the data section outside of chunks, each id once, in file order.</summary>
    public IReadOnlyList<McapChannel> Channels => Findings.Channels.Values;

    /// <summary>Metadata, in file order.</summary>
    public IReadOnlyList<McapMetadata> Metadata => Findings.Metadata.Values;

    /// <summary>Where the metadata are, in file order.</summary>
    public IReadOnlyList<McapMetadataIndex> MetadataIndexes => Findings.MetadataIndexes.Values;

    /// <summary>Where the attachments are, in file order. Their CRCs are not checked.</summary>
    public IReadOnlyList<McapAttachmentIndex> Attachments => Findings.Attachments.Values;

    /// <summary>Chunks with their message indexes, in file order.</summary>
    public IReadOnlyList<McapScannedChunk> Chunks => Findings.Chunks;

    /// <summary>Applications' own records of the data section, in file order.</summary>
    public IReadOnlyList<McapScannedRecord> PrivateRecords => Findings.PrivateRecords;

    /// <summary>Messages outside of chunks, in runs of about 1 MiB, in file order.</summary>
    public IReadOnlyList<McapScannedRun> Runs => Findings.Runs;

    /// <summary>
    /// File offset of the first byte after the last whole record (or after the magic of a sealed file).
    /// </summary>
    public long EndOfWholeRecords => Findings.End;

    /// <summary>File offset of the DataEnd record; null when there is none.</summary>
    public long? DataEndOffset => Findings.DataEndOffset;

    /// <summary>Whether the file goes on to a footer and the magic after it.</summary>
    public bool IsSealed => Findings.IsSealed;

    /// <summary>
    /// Where more data can be appended once the file is cut there: at the DataEnd record if there is one,
    /// else at <see cref="EndOfWholeRecords"/>.
    /// </summary>
    public long AppendOffset => DataEndOffset ?? EndOfWholeRecords;

    /// <summary>
    /// Why the scan stopped; no error when it came to the end of the file on a record's end.
    /// </summary>
    public McapError TailError => Findings.TailError;

    internal ScanFindings Findings { get; }

    /// <summary>Scans a file.</summary>
    /// <exception cref="McapException">There is no magic and whole header.</exception>
    public static McapScan Run(IMcapSource source, McapLimits? limits = null) =>
        TryRun(source, limits ?? McapLimits.Default, out McapScan? scan, out McapError error)
            ? scan
            : throw new McapException(error);

    /// <summary>As <see cref="Run"/>, awaiting the source.</summary>
    /// <exception cref="McapException">There is no magic and whole header.</exception>
    public static async ValueTask<McapScan> RunAsync(
        IMcapSource source, McapLimits? limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using Scanner scanner = new(source, limits ?? McapLimits.Default);
        foreach (ByteRange range in scanner.Begin())
            await scanner.FetchAsync(range, cancellationToken).ConfigureAwait(false);
        if (scanner.Header is not McapHeader header)
            throw new McapException(scanner.Error);
        foreach (ByteRange range in scanner.Run())
            await scanner.FetchAsync(range, cancellationToken).ConfigureAwait(false);
        return new McapScan(header, scanner.Findings);
    }

    /// <summary>Scans a file; false when it does not begin with the magic and a whole header.</summary>
    public static bool TryRun(
        IMcapSource source,
        McapLimits limits,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out McapScan? scan,
        out McapError error)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(limits);
        using Scanner scanner = new(source, limits);
        foreach (ByteRange range in scanner.Begin())
            scanner.Fetch(range);
        scan = null;
        error = scanner.Error;
        if (scanner.Header is not McapHeader header)
            return false;
        foreach (ByteRange range in scanner.Run())
            scanner.Fetch(range);
        scan = new McapScan(header, scanner.Findings);
        return true;
    }

    /// <summary>
    /// The scan of the same file cut at <paramref name="offset"/>, the end of some record: what ends after it
    /// is gone. For callers who trust less than the framing, for example a chunk whose hash is wrong.
    /// </summary>
    public McapScan CutAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, EndOfWholeRecords);
        return new McapScan(Header, Findings.CutAt(offset));
    }

    internal SummaryTally ToTally()
    {
        SummaryTally tally = new();
        foreach (McapSchema schema in Schemas)
            tally.Definitions.Add(schema);
        foreach (McapChannel channel in Channels)
            tally.Definitions.Add(channel);
        foreach (McapScannedChunk chunk in Chunks)
            tally.AddChunk(chunk.Index, chunk.Channels);
        foreach (McapScannedRun run in Runs)
            tally.AddRun(run);
        foreach (McapAttachmentIndex attachment in Attachments)
            tally.AddAttachment(attachment);
        foreach (McapMetadataIndex metadata in MetadataIndexes)
            tally.AddMetadata(metadata);
        return tally;
    }
}
