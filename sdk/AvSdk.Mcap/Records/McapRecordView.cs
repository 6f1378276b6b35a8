namespace AvSdk.Mcap;

/// <summary>One record, framed but not parsed, over borrowed bytes: it lives as long as they do.</summary>
public readonly ref struct McapRecordView
{
    /// <summary>A record from its parts; <paramref name="content"/> is borrowed.</summary>
    public McapRecordView(McapOpcode opcode, ReadOnlySpan<byte> content, long totalBytes)
    {
        Opcode = opcode;
        Content = content;
        TotalBytes = totalBytes;
    }

    /// <summary>What kind of record it is; values from 0x80 are private.</summary>
    public McapOpcode Opcode { get; }

    /// <summary>
    /// The record without opcode and length. Empty while <see cref="McapReadStatus.NeedMore"/>.
    /// </summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>
    /// Bytes of the record with opcode and length. While <see cref="McapReadStatus.NeedMore"/>: how many
    /// bytes the input must hold before another try can succeed (at least 9, the opcode and the length).
    /// </summary>
    public long TotalBytes { get; }

    /// <summary>Whether the record is an application's own (0x80 to 0xFF).</summary>
    public bool IsPrivate => (byte)Opcode >= 0x80;
}
