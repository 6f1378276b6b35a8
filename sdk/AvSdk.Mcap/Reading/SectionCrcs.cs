namespace AvSdk.Mcap;

/// <summary>The running CRCs of the data section and of the summary.</summary>
internal sealed class SectionCrcs(bool enabled)
{
    private uint _crc;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (enabled)
            _crc = Crc32.Append(_crc, bytes);
    }

    /// <summary>A whole record; the ones that carry the CRCs are not in them.</summary>
    public void AppendRecord(ReadOnlySpan<byte> record, McapOpcode opcode)
    {
        if (opcode is not (McapOpcode.DataEnd or McapOpcode.Footer))
            Append(record);
    }

    public void BeginSummary() => _crc = 0;

    public bool TryCheck(uint crc, string section, out McapError error)
    {
        error = default;
        if (enabled && crc != 0 && crc != _crc)
            error = new McapError(McapErrorKind.CrcMismatch, 0, $"a {section} with CRC-32 {crc:x8}",
                $"{_crc:x8}");
        return !error.IsError;
    }

    /// <summary>The footer's own prefix and offsets are in the summary's CRC too.</summary>
    public bool TryCheckSummary(McapFooter footer, out McapError error)
    {
        Span<byte> start = stackalloc byte[McapFormat.FooterRecordBytes];
        FieldWriter fields = new(start);
        fields.Prefix(McapOpcode.Footer, McapFormat.FooterRecordBytes - McapFormat.RecordPrefixBytes);
        fields.UInt64(footer.SummaryStart);
        fields.UInt64(footer.SummaryOffsetStart);
        Append(start[..fields.At]);
        return TryCheck(footer.SummaryCrc, "summary", out error);
    }
}
