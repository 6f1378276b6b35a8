using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>Where a file goes on, and what its summary must not forget.</summary>
internal sealed class AppendPoint
{
    private AppendPoint(long offset, SummaryTally tally, uint? dataSectionCrc, bool outsideOfChunks)
    {
        Offset = offset;
        Tally = tally;
        DataSectionCrc = dataSectionCrc;
        HasMessagesOutsideOfChunks = outsideOfChunks;
    }

    /// <summary>Where to cut: what comes after it is DataEnd and summary, or a record cut short.</summary>
    public long Offset { get; }

    public SummaryTally Tally { get; }

    /// <summary>Of all bytes before the offset; null: not available.</summary>
    public uint? DataSectionCrc { get; }

    /// <summary>
    /// Whether messages stand outside of chunks. Chunks after them would have readers believe that the
    /// chunk indexes name every message.
    /// </summary>
    public bool HasMessagesOutsideOfChunks { get; }

    public static AppendPoint Find(IMcapSource file, McapLimits limits) =>
        FromSummary(file, limits) ?? FromScan(file, limits);

    // Null where the summary does not say everything; the scan then finds it.
    private static AppendPoint? FromSummary(IMcapSource file, McapLimits limits)
    {
        long length = file.Length;
        byte[] head = Read(file, 0, Math.Min(length, 4096));
        byte[] tail = Read(file, Math.Max(0, length - SummaryParser.TailBytes),
            Math.Min(length, SummaryParser.TailBytes));
        if (!SummaryParser.TryParseHeader(head, limits, out McapHeader header, out _)
            || SummaryParser.FindFooter(tail) is not { SummaryStart: > McapFormat.MagicBytes } footer
            || footer.SummaryStart > (ulong)(length - SummaryParser.TailBytes))
        {
            return null;
        }

        long dataEnd = (long)footer.SummaryStart - McapFormat.DataEndRecordBytes;
        long bytes = length - dataEnd;
        if (dataEnd < McapFormat.MagicBytes || bytes > Math.Min(limits.SummaryBytesMax, Array.MaxLength))
        {
            return null;
        }

        ReadOnlySpan<byte> end = Read(file, dataEnd, bytes);
        if (end[0] != (byte)McapOpcode.DataEnd
            || BinaryPrimitives.ReadUInt64LittleEndian(end[1..]) != 4
            || !SummaryParser.TryParseSummary(end[McapFormat.DataEndRecordBytes..], header, footer,
                new McapReadOptions { Limits = limits }, out FileContents? contents, out _)
            || contents!.Statistics is not McapStatistics statistics
            || !IsComplete(contents, statistics))
        {
            return null;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(end[McapFormat.RecordPrefixBytes..]);
        return new AppendPoint(dataEnd, SummaryTally.Of(contents, statistics), crc == 0 ? null : crc,
            statistics.MessageCount > 0 && contents.Chunks.Count == 0);
    }

    private static bool IsComplete(FileContents contents, McapStatistics statistics)
    {
        ulong messages = 0;
        foreach (ulong count in statistics.ChannelMessageCounts.Values)
            messages += count;
        return contents.Definitions.HasEverySchema
            && statistics.SchemaCount == contents.Definitions.Schemas.Count
            && statistics.ChannelCount == contents.Definitions.Channels.Count
            && statistics.ChunkCount == contents.Chunks.Count
            && statistics.AttachmentCount == contents.Attachments.Count
            && statistics.MetadataCount == contents.Metadata.Count
            && statistics.MessageCount == messages;
    }

    private static AppendPoint FromScan(IMcapSource file, McapLimits limits)
    {
        McapScan scan = McapScan.Run(file, limits);
        if (scan.DataEndOffset is null)
            ThrowIfDamaged(scan, EndsInFooter(file));
        SummaryTally tally = scan.ToTally();
        if (scan.Chunks.Any(c => !KnowsAll(tally.Definitions, c)))
            AddDefinitionsInChunks(file, limits, tally.Definitions);
        return new AppendPoint(scan.AppendOffset, tally, null, scan.Runs.Count > 0);
    }

    // What ends in the middle of a record was cut there by a writer that died, unless a footer comes later.
    private static void ThrowIfDamaged(McapScan scan, bool endsInFooter)
    {
        McapError error = scan.TailError;
        if (error.IsError && (endsInFooter || error.Kind != McapErrorKind.Truncated))
            throw new McapException(error);
    }

    private static bool KnowsAll(WriterDefinitions definitions, McapScannedChunk chunk) =>
        chunk.Channels.Count > 0 && chunk.Channels.All(c => definitions.HasChannel(c.ChannelId));

    // An indexed reader opens the chunks for what stands in them alone.
    private static void AddDefinitionsInChunks(
        IMcapSource file, McapLimits limits, WriterDefinitions definitions)
    {
        McapReadOptions options = new() { Limits = limits, AllowUnsealed = true };
        using McapIndexedReader reader = McapIndexedReader.Open(file, options);
        foreach (McapSchema schema in reader.Schemas.Values)
            definitions.Add(schema);
        foreach (McapChannel channel in reader.Channels.Values)
            definitions.Add(channel);
    }

    private static bool EndsInFooter(IMcapSource file)
    {
        long length = file.Length;
        return length >= SummaryParser.TailBytes
            && SummaryParser.FindFooter(Read(file, length - SummaryParser.TailBytes, SummaryParser.TailBytes))
                is not null;
    }

    private static byte[] Read(IMcapSource file, long offset, long count)
    {
        byte[] bytes = new byte[count];
        int read = file.ReadAt(offset, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
