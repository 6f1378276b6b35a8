namespace AvSdk.Mcap;

/// <summary>What is wrong with bytes: where, what was expected, what was found.</summary>
/// <param name="Kind">The kind; <see cref="McapErrorKind.None"/> in a result that is good.</param>
/// <param name="Offset">Where, in bytes from the start of the input that the call was given: of the file for
/// readers, of the span for functions over spans.</param>
/// <param name="Expected">What should stand there.</param>
/// <param name="Found">What stands there.</param>
public readonly record struct McapError(McapErrorKind Kind, long Offset, string Expected, string Found)
{
    /// <summary>Whether there is an error at all.</summary>
    public bool IsError => Kind != McapErrorKind.None;

    /// <summary>
    /// The same error in a larger input, in which this one's begins at <paramref name="baseOffset"/>.
    /// </summary>
    public McapError In(long baseOffset) => this with { Offset = Offset + baseOffset };

    /// <summary>A sentence for a person: what, where, and what to do.</summary>
    public string Message => Kind == McapErrorKind.None
        ? "No error."
        : $"{Sentence} {Remedy()}";

    /// <summary>What and where, without what to do.</summary>
    internal string Sentence => $"{What()} at byte {Offset}: expected {Expected}, found {Found}.";

    /// <inheritdoc/>
    public override string ToString() => Message;

    private string What() => Kind switch
    {
        McapErrorKind.WrongMagic => "Not an MCAP file: wrong magic",
        McapErrorKind.Truncated => "The MCAP data is cut short",
        McapErrorKind.LengthOverLimit => "A length is over the limit",
        McapErrorKind.LengthMismatch => "A length does not fit its record",
        McapErrorKind.CrcMismatch => "A checksum does not match",
        McapErrorKind.UnexpectedRecord => "An MCAP record is out of place",
        McapErrorKind.UnknownCompression => "A chunk's compression is unknown",
        McapErrorKind.CompressionUnavailable => "A chunk's compression cannot be read here",
        McapErrorKind.DecompressionFailed => "A chunk cannot be decompressed",
        McapErrorKind.IndexMismatch => "The index does not fit the file",
        McapErrorKind.ChannelWithoutSchema => "A channel has no schema",
        McapErrorKind.UnknownChannel => "A channel is not defined",
        McapErrorKind.DuplicateSchemaId => "Two different schemas share an id",
        McapErrorKind.DuplicateChannelId => "Two different channels share an id",
        McapErrorKind.InvalidText => "A text is not UTF-8",
        McapErrorKind.DuplicateKey => "A key stands twice in a map",
        _ => "The MCAP data is wrong",
    };

    /// <summary>What to do.</summary>
    internal string Remedy() => Kind switch
    {
        McapErrorKind.WrongMagic =>
            "Check that the path names an .mcap file and that it was copied whole and in binary mode.",
        McapErrorKind.Truncated =>
            "Copy the file again if it was cut in transfer; if its recorder lost power, read it as unsealed "
            + "(McapReadOptions.AllowUnsealed, McapScan), which keeps every whole record.",
        McapErrorKind.LengthOverLimit =>
            "If the file is to be trusted, raise the limit in McapLimits; if not, it is damaged here.",
        McapErrorKind.UnknownCompression => "Write it with lz4, zstd or none.",
        McapErrorKind.CompressionUnavailable =>
            "Install Zstandard's library (Debian and Ubuntu: apt-get install libzstd1), "
            + "or write the file with lz4.",
        McapErrorKind.IndexMismatch =>
            "Read the file from its beginning (McapStreamReader), which needs no index, and write it again.",
        McapErrorKind.ChannelWithoutSchema => "A schema must be written before the channel that names it.",
        McapErrorKind.UnknownChannel => "A channel must be written before the messages that name it.",
        McapErrorKind.DuplicateSchemaId or McapErrorKind.DuplicateChannelId =>
            "Ids must be unique in a file: write the second one with an id of its own.",
        _ => "The bytes are damaged or their writer is at fault: copy the file again, or recover it.",
    };
}
