namespace AvSdk.Mcap;

/// <summary>
/// The first byte of a record: what kind it is (MCAP specification, "Records"). 0x10 to 0x7F are reserved and
/// are skipped, 0x80 to 0xFF are private to an application, 0x00 is not valid.
/// </summary>
public enum McapOpcode : byte
{
    /// <summary>Not a record; a zeroed page of a disk looks like this.</summary>
    None = 0x00,

    /// <summary>The file's first record: profile and library.</summary>
    Header = 0x01,

    /// <summary>The file's last record: where the summary is.</summary>
    Footer = 0x02,

    /// <summary>How the messages of a channel are typed.</summary>
    Schema = 0x03,

    /// <summary>A stream of messages on a topic.</summary>
    Channel = 0x04,

    /// <summary>One message.</summary>
    Message = 0x05,

    /// <summary>A batch of records, compressed or plain.</summary>
    Chunk = 0x06,

    /// <summary>Log times and offsets of one channel's messages in the chunk before it.</summary>
    MessageIndex = 0x07,

    /// <summary>Where a chunk is and what times it holds; in the summary.</summary>
    ChunkIndex = 0x08,

    /// <summary>A file within the file: a calibration, a text.</summary>
    Attachment = 0x09,

    /// <summary>Where an attachment is; in the summary.</summary>
    AttachmentIndex = 0x0A,

    /// <summary>Counts of the whole file; in the summary.</summary>
    Statistics = 0x0B,

    /// <summary>Named key-value pairs.</summary>
    Metadata = 0x0C,

    /// <summary>Where a metadata record is; in the summary.</summary>
    MetadataIndex = 0x0D,

    /// <summary>Where a group of summary records is.</summary>
    SummaryOffset = 0x0E,

    /// <summary>The end of the data section.</summary>
    DataEnd = 0x0F,
}
