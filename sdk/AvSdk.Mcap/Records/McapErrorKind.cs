namespace AvSdk.Mcap;

/// <summary>What is wrong with the bytes.</summary>
public enum McapErrorKind
{
    /// <summary>Nothing: the value of a result that is good.</summary>
    None,

    /// <summary>The magic is not MCAP's, at the start or at the end of the file.</summary>
    WrongMagic,

    /// <summary>The file or the record ends too early.</summary>
    Truncated,

    /// <summary>A length is above its limit; nothing was allocated for it.</summary>
    LengthOverLimit,

    /// <summary>A field's length runs past its record, or two lengths contradict one another.</summary>
    LengthMismatch,

    /// <summary>A checksum does not match its bytes.</summary>
    CrcMismatch,

    /// <summary>Opcode 0, or a record where it may not stand.</summary>
    UnexpectedRecord,

    /// <summary>A compression that this library does not know.</summary>
    UnknownCompression,

    /// <summary>A known compression whose system library is not installed.</summary>
    CompressionUnavailable,

    /// <summary>A chunk's bytes cannot be decompressed, or give another size than announced.</summary>
    DecompressionFailed,

    /// <summary>An index does not describe what stands where it points.</summary>
    IndexMismatch,

    /// <summary>A channel names a schema that has not come before it.</summary>
    ChannelWithoutSchema,

    /// <summary>A message or an index names a channel that has not come before it.</summary>
    UnknownChannel,

    /// <summary>A second schema with an id in use, and not equal to the first.</summary>
    DuplicateSchemaId,

    /// <summary>A second channel with an id in use, and not equal to the first.</summary>
    DuplicateChannelId,

    /// <summary>Text that is not UTF-8.</summary>
    InvalidText,

    /// <summary>A key that stands twice in a map.</summary>
    DuplicateKey,
}
