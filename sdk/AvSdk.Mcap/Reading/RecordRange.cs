namespace AvSdk.Mcap;

/// <summary>What an index says of where a record is, checked before anything is rented for it.</summary>
internal static class RecordRange
{
    /// <summary>The length, when the range is within the file and the limits.</summary>
    /// <exception cref="McapException">It is not.</exception>
    public static int Check(ulong offset, ulong length, long fileBytes, McapLimits limits)
    {
        CheckWithin(offset, length, fileBytes);
        if (length > (ulong)Math.Min(limits.RecordBytesMax, Array.MaxLength))
        {
            throw new McapException(new McapError(McapErrorKind.LengthOverLimit, (long)offset,
                $"a record of at most {limits.RecordBytesMax} bytes", $"{length}"));
        }

        return (int)length;
    }

    /// <summary>Checks that the range is within the file.</summary>
    public static void CheckWithin(ulong offset, ulong length, long fileBytes)
    {
        if (offset > (ulong)fileBytes || length > (ulong)fileBytes - offset)
        {
            throw new McapException(new McapError(McapErrorKind.IndexMismatch, 0,
                $"records within the {fileBytes} bytes of the file", $"{length} bytes at {offset}"));
        }
    }

    /// <summary>The index says one thing, the record another.</summary>
    public static McapException Mismatch(long offset, string expected, string found) =>
        new(new McapError(McapErrorKind.IndexMismatch, offset, expected + ", as the index says", found));

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
