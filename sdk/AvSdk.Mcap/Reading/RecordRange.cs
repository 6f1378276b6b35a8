namespace AvSdk.Mcap;

/// <summary>What an index says of where a record is, checked before anything is rented for it.</summary>
internal static class RecordRange
{
    /// <summary>The length, when the range is within the file and the limits.</summary>
    /// <exception cref="McapException">It is not.</exception>
    public static int Check(ulong offset, ulong length, long fileBytes, McapLimits limits)
    {
        if (offset > (ulong)fileBytes || length > (ulong)fileBytes - offset)
        {
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, 0,
                $"records within the {fileBytes} bytes of the file", $"{length} bytes at {offset}"));
        }

        if (length > (ulong)Math.Min(limits.RecordBytesMax, Array.MaxLength))
        {
            throw new McapException(new McapError(McapErrorKind.LengthOverLimit, (long)offset,
                $"a record of at most {limits.RecordBytesMax} bytes", $"{length}"));
        }

        return (int)length;
    }

    /// <summary>Checks that as many bytes came as were asked for.</summary>
    public static void CheckRead(long offset, int asked, int read)
    {
        if (read != asked)
        {
            throw new McapException(
                new McapError(McapErrorKind.Truncated, offset + read, $"{asked} bytes of a record", $"{read}"));
        }
    }
}
