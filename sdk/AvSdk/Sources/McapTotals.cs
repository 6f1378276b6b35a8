using AvSdk.Mcap;

namespace AvSdk.Sources;

/// <summary>
/// What a file says about itself at its end, so that a replay can tell how much there is to come.
/// </summary>
internal static class McapTotals
{
    // MCAP specification: the footer's content is 20 bytes, and eight bytes of magic end the file.
    private const int FooterBytes = 9 + 20;
    private const int MagicBytes = 8;

    // Statistics stand before the chunk indexes or behind them; a summary beyond this is not worth reading
    // twice.
    private const int SummaryBytesMax = 16 << 20;

    /// <summary>
    /// The number of messages, or null where the file has no whole summary with statistics. Leaves the
    /// stream at its beginning. It is for show: whether the file is good, the reader finds out.
    /// </summary>
    public static ulong? MessagesIn(FileStream file)
    {
        try
        {
            return TryRead(file, out McapStatistics? statistics) ? statistics!.MessageCount : null;
        }
        finally
        {
            file.Position = 0;
        }
    }

    private static bool TryRead(FileStream file, out McapStatistics? statistics)
    {
        statistics = null;
        long footerAt = file.Length - FooterBytes - MagicBytes;
        if (footerAt < MagicBytes)
            return false;
        byte[] footer = new byte[FooterBytes];
        ReadAt(file, footerAt, footer);
        McapLimits limits = McapLimits.Default;
        McapReadStatus status = McapRecordReader.TryRead(footer, limits, out McapRecordView record);
        if (status != McapReadStatus.Ok
            || record.Opcode != McapOpcode.Footer
            || !McapRecordReader.TryParseFooter(record.Content, out McapFooter parsed, out _)
            || parsed.SummaryStart is 0 or > long.MaxValue
            || footerAt - (long)parsed.SummaryStart is <= 0 or > SummaryBytesMax)
        {
            return false;
        }

        byte[] summary = new byte[footerAt - (long)parsed.SummaryStart];
        ReadAt(file, (long)parsed.SummaryStart, summary);
        return TryFind(summary, out statistics);
    }

    private static bool TryFind(ReadOnlySpan<byte> summary, out McapStatistics? statistics)
    {
        McapLimits limits = McapLimits.Default;
        while (McapRecordReader.TryRead(summary, limits, out McapRecordView record) == McapReadStatus.Ok)
        {
            if (record.Opcode == McapOpcode.Statistics)
                return McapRecordReader.TryParseStatistics(record.Content, out statistics, out _);
            summary = summary[(int)record.TotalBytes..];
        }

        statistics = null;
        return false;
    }

    private static void ReadAt(FileStream file, long offset, byte[] destination)
    {
        file.Position = offset;
        file.ReadExactly(destination);
    }
}
