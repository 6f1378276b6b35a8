namespace AvSdk.Mcap;

/// <summary>
/// Finds out what a file holds. The first try is one read of the file's end, which holds the footer and most
/// often the whole summary; where there is no usable summary the file is scanned.
/// </summary>
internal sealed class ContentsLoader(IMcapSource source, McapReadOptions options)
{
    // Holds the summary of a drive of an hour in one read.
    public const int TailReadBytes = 128 * 1024;
    public const int HeadReadBytes = 4 * 1024;

    public FileContents Load()
    {
        long length = source.Length;
        byte[] head = new byte[Math.Min(length, HeadReadBytes)];
        byte[] tail = new byte[Math.Min(length, TailReadBytes)];
        Fill(head, source.ReadAt(0, head));
        Fill(tail, source.ReadAt(length - tail.Length, tail));
        if (SummaryStart(head, tail, length, out McapHeader header, out McapFooter footer) is not long start)
            return Scan();
        if (start < length - tail.Length)
        {
            byte[] summary = new byte[length - start];
            Fill(summary, source.ReadAt(start, summary));
            tail = summary;
        }

        return Parse(tail.AsSpan((int)(tail.Length - (length - start))), start, header, footer) ?? Scan();
    }

    public async ValueTask<FileContents> LoadAsync(CancellationToken cancellationToken)
    {
        long length = source.Length;
        byte[] head = new byte[Math.Min(length, HeadReadBytes)];
        byte[] tail = new byte[Math.Min(length, TailReadBytes)];
        Fill(head, await source.ReadAtAsync(0, head, cancellationToken).ConfigureAwait(false));
        Fill(tail,
            await source.ReadAtAsync(length - tail.Length, tail, cancellationToken).ConfigureAwait(false));
        if (SummaryStart(head, tail, length, out McapHeader header, out McapFooter footer) is not long start)
            return await ScanAsync(cancellationToken).ConfigureAwait(false);
        if (start < length - tail.Length)
        {
            byte[] summary = new byte[length - start];
            Fill(summary, await source.ReadAtAsync(start, summary, cancellationToken).ConfigureAwait(false));
            tail = summary;
        }

        return Parse(tail.AsSpan((int)(tail.Length - (length - start))), start, header, footer)
            ?? await ScanAsync(cancellationToken).ConfigureAwait(false);
    }

    private long? SummaryStart(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, long length, out McapHeader header,
        out McapFooter footer)
    {
        footer = SummaryParser.FindFooter(tail) ?? new McapFooter(0, 0, 0);
        if (!SummaryParser.TryParseHeader(head, options.Limits, out header, out McapError error)
            && !(error.Kind == McapErrorKind.Truncated && head.Length < length))
        {
            throw new McapException(error);
        }

        if (footer.SummaryStart == 0 || error.IsError)
            return null;
        ulong summaryBytes = (ulong)length - footer.SummaryStart;
        if (footer.SummaryStart > (ulong)(length - SummaryParser.TailBytes))
        {
            throw new McapException(
                new McapError(McapErrorKind.LengthMismatch, length - SummaryParser.TailBytes,
                "a summary_start within the file", $"{footer.SummaryStart}"));
        }

        if (summaryBytes > (ulong)Math.Min(options.Limits.SummaryBytesMax, Array.MaxLength))
        {
            throw new McapException(
                new McapError(McapErrorKind.LengthOverLimit, length - SummaryParser.TailBytes,
                $"a summary of at most {options.Limits.SummaryBytesMax} bytes", $"{summaryBytes}"));
        }

        return (long)footer.SummaryStart;
    }

    // Null where the summary is good and not enough.
    private FileContents? Parse(ReadOnlySpan<byte> summary, long start, McapHeader header, McapFooter footer)
    {
        if (!SummaryParser.TryParseSummary(
            summary, header, footer, options, out FileContents? contents, out McapError error))
        {
            throw new McapException(error.In(start));
        }

        return IsComplete(contents!) ? contents : null;
    }

    // A summary may lack chunk indexes (then the messages are not found by it), channels that they name, or
    // schemas.
    private static bool IsComplete(FileContents contents)
    {
        McapStatistics? statistics = contents.Statistics;
        if (!contents.Definitions.HasEverySchema)
            return false;
        if (contents.Chunks.Count == 0)
            return statistics is { MessageCount: 0 };
        if (statistics is not null && statistics.ChunkCount != contents.Chunks.Count)
            return false;
        if (statistics is not null && (statistics.AttachmentCount != contents.Attachments.Count
            || statistics.MetadataCount != contents.Metadata.Count))
        {
            return false;
        }

        if (contents.Definitions.Channels.Count == 0)
            return statistics is { MessageCount: 0 };
        foreach (McapChunkIndex chunk in contents.Chunks)
        {
            foreach (ushort channelId in chunk.MessageIndexOffsets.Keys)
            {
                if (contents.Definitions.Channel(channelId) is null)
                    return false;
            }
        }

        return true;
    }

    private FileContents Scan()
    {
        McapScan scan = McapScan.Run(source, options.Limits);
        Definitions definitions = DefinitionsOf(scan);
        foreach (McapScannedChunk chunk in Unexplained(scan, definitions))
        {
            McapBytes bytes = Rent(chunk, out Memory<byte> target);
            try
            {
                RecordRange.CheckRead(chunk.Offset, target.Length, source.ReadAt(chunk.Offset, target.Span));
                CollectFrom(bytes, chunk, definitions);
            }
            finally
            {
                bytes.Dispose();
            }
        }

        return ToContents(scan, definitions);
    }

    private async ValueTask<FileContents> ScanAsync(CancellationToken cancellationToken)
    {
        McapScan scan = await McapScan.RunAsync(source, options.Limits, cancellationToken).ConfigureAwait(false);
        Definitions definitions = DefinitionsOf(scan);
        foreach (McapScannedChunk chunk in Unexplained(scan, definitions))
        {
            McapBytes bytes = Rent(chunk, out Memory<byte> target);
            try
            {
                RecordRange.CheckRead(chunk.Offset, target.Length,
                    await source.ReadAtAsync(chunk.Offset, target, cancellationToken).ConfigureAwait(false));
                CollectFrom(bytes, chunk, definitions);
            }
            finally
            {
                bytes.Dispose();
            }
        }

        return ToContents(scan, definitions);
    }

    private Definitions DefinitionsOf(McapScan scan)
    {
        bool endsWhole = scan.IsSealed ? scan.EndOfWholeRecords == source.Length : !scan.TailError.IsError;
        if (!endsWhole && !options.AllowUnsealed)
        {
            throw new McapException(scan.TailError.IsError ? scan.TailError : new McapError(
                McapErrorKind.UnexpectedRecord, scan.EndOfWholeRecords, "nothing after the end magic",
                "more bytes"));
        }

        if (!scan.IsSealed && !options.AllowUnsealed)
        {
            throw new McapException(new McapError(
                McapErrorKind.Truncated, scan.EndOfWholeRecords, "the Footer and the magic",
                "the end of the file"));
        }

        Definitions definitions = new();
        foreach (McapSchema schema in scan.Schemas)
            Add(definitions.TryAdd(schema, out McapError error), error);
        foreach (McapChannel channel in scan.Channels)
            Add(definitions.TryAdd(channel, out McapError error), error);
        return definitions;
    }

    // Chunks that can define a channel: asked one by one, since each may explain the next.
    private static IEnumerable<McapScannedChunk> Unexplained(McapScan scan, Definitions definitions) =>
        scan.Chunks.Where(chunk => chunk.Channels.Count == 0
            || chunk.Channels.Any(c => definitions.Channel(c.ChannelId) is null));

    private static FileContents ToContents(McapScan scan, Definitions definitions) => new()
    {
        Header = scan.Header,
        Definitions = definitions,
        Chunks = [.. scan.Chunks.Select(c => c.Index)],
        Attachments = scan.Attachments,
        Metadata = scan.MetadataIndexes,
        Runs = scan.Runs,
    };

    private static void Add(bool added, McapError error)
    {
        if (!added)
            throw new McapException(error);
    }

    private McapBytes Rent(McapScannedChunk chunk, out Memory<byte> target) => McapBytes.Rent(
        RecordRange.Check(chunk.Index.ChunkStartOffset, chunk.Index.ChunkLength, source.Length, options.Limits),
        options.Pool, out target);

    // Definitions may stand within chunks; then these have to be opened.
    private void CollectFrom(McapBytes bytes, McapScannedChunk chunk, Definitions definitions)
    {
        using McapBytes records = ChunkOpener.Open(bytes, chunk.Index, options);
        ReadOnlySpan<byte> rest = records.Memory.Span;
        while (!rest.IsEmpty)
        {
            McapReadStatus status = McapRecordReader.TryRead(
                rest, options.Limits, out McapRecordView record, out McapError error);
            if (status == McapReadStatus.Ok && record.Opcode is McapOpcode.Schema or McapOpcode.Channel)
                definitions.TryAdd(record.Content, record.Opcode, options.Limits, out error);
            else if (status == McapReadStatus.NeedMore)
                error = new McapError(McapErrorKind.LengthMismatch, 0, "whole records in the chunk",
                    "one cut short");
            if (error.IsError)
                throw new McapException(error with { Offset = chunk.Offset });
            rest = rest[(int)record.TotalBytes..];
        }
    }

    private static void Fill(byte[] destination, int read)
    {
        if (read != destination.Length)
        {
            throw new McapException(new McapError(
                McapErrorKind.Truncated, read, $"{destination.Length} bytes",
                $"{read}: the file became shorter"));
        }
    }
}
