namespace AvSdk.Mcap;

/// <summary>
/// The numbers of the format. A file:
/// <code>
/// magic  Header  { data section: Schema Channel Message Chunk MessageIndex Attachment Metadata private } 
/// DataEnd        { summary: Schema Channel Statistics ChunkIndex AttachmentIndex MetadataIndex }  {
/// SummaryOffset }        Footer  magic
/// record: opcode (1)  content length (8, little-endian)  content
/// </code>
/// A file whose writer died ends anywhere in the data section: it is read record by record up to the last
/// whole one.
/// </summary>
internal static class McapFormat
{
    public const int MagicBytes = 8;
    public const int RecordPrefixBytes = 9;
    public const int FooterRecordBytes = RecordPrefixBytes + 20;
    public const int DataEndRecordBytes = RecordPrefixBytes + 4;

    /// <summary>Channel id, sequence, log time, publish time.</summary>
    public const int MessageFieldBytes = 22;

    /// <summary>Log time and offset of one message in a message index.</summary>
    public const int IndexEntryBytes = 16;

    /// <summary>Channel id and array length of a message index.</summary>
    public const int IndexFieldBytes = 6;

    /// <summary>Start, end, uncompressed size, CRC; then compression and records.</summary>
    public const int ChunkFixedBytes = 28;

    public static ReadOnlySpan<byte> Magic =>
        [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P', 0x30, 0x0D, 0x0A];

    public static IReadOnlyDictionary<string, string> NoPairs { get; } = new Dictionary<string, string>();

    public static bool SamePairs(IReadOnlyDictionary<string, string> left,
        IReadOnlyDictionary<string, string> right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Count != right.Count)
            return false;
        foreach ((string key, string value) in left)
        {
            if (!right.TryGetValue(key, out string? other) || other != value)
                return false;
        }

        return true;
    }
}
