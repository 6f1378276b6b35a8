namespace AvSdk.Lz4;

/// <summary>What is wrong with the bytes given to a decoder.</summary>
public enum Lz4Error
{
    /// <summary>Nothing: the call succeeded.</summary>
    None = 0,

    /// <summary>The input ends inside a frame; expected and found are lengths in bytes.</summary>
    Truncated,

    /// <summary>The four bytes at the offset begin no LZ4 frame and no skippable frame.</summary>
    BadMagic,

    /// <summary>A frame of the legacy format (magic 0x184C2102), which is not supported.</summary>
    LegacyFrame,

    /// <summary>The descriptor's version is not 1.</summary>
    UnsupportedVersion,

    /// <summary>A reserved bit of the descriptor is set: a later revision of the format.</summary>
    ReservedBit,

    /// <summary>The descriptor's block size code is not one of 4, 5, 6 and 7.</summary>
    BadBlockSizeCode,

    /// <summary>
    /// The frame names a dictionary; found is its id. Dictionaries of frames are not supported.
    /// </summary>
    DictionaryRequired,

    /// <summary>The descriptor's checksum does not match.</summary>
    HeaderChecksumMismatch,

    /// <summary>A block is longer than the descriptor (or the decoder's limit) allows.</summary>
    BlockTooLarge,

    /// <summary>A block's checksum does not match its compressed bytes.</summary>
    BlockChecksumMismatch,

    /// <summary>A compressed block ends in the middle of a sequence.</summary>
    BlockTruncated,

    /// <summary>A match reaches back beyond the first decoded byte, or its offset is 0.</summary>
    BadMatchOffset,

    /// <summary>The checksum of the decoded content does not match.</summary>
    ContentChecksumMismatch,

    /// <summary>The decoded content is longer or shorter than the descriptor says.</summary>
    ContentSizeMismatch,

    /// <summary>
    /// The decoded content does not fit into the destination; nothing is wrong with the input.
    /// </summary>
    DestinationTooSmall,
}
