namespace AvSdk.Mcap;

/// <summary>Checks an attachment without copying its data.</summary>
internal static class AttachmentCheck
{
    /// <summary>Whether its CRC is there and right.</summary>
    public static bool Vouches(ReadOnlySpan<byte> content) => Crc(content) is (uint stored, true) && stored != 0;

    /// <summary>Its CRC, and whether it is right; null when the content does not fit.</summary>
    public static (uint Stored, bool IsRight)? Crc(ReadOnlySpan<byte> content)
    {
        FieldReader fields = new(content, McapLimits.Default);
        fields.ReadUInt64("log_time");
        fields.ReadUInt64("create_time");
        fields.ReadBytes32("name");
        fields.ReadBytes32("media_type");
        fields.ReadBytes64("data");
        int end = fields.At;
        uint stored = fields.ReadUInt32("crc");
        return fields.IsOk ? (stored, stored == 0 || Crc32.Compute(content[..end]) == stored) : null;
    }
}
