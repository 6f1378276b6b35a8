using System.Globalization;

namespace AvSdk.Lz4;

/// <summary>
/// The outcome of decoding: success, or what is wrong, where, what was expected and what was found.
/// </summary>
/// <remarks><c>default</c> is success. A value; holds no reference to the input.</remarks>
/// <param name="Error">What is wrong; <see cref="Lz4Error.None"/> on success.</param>
/// <param name="Offset">Where, in bytes from the first byte of the input; 0 on success.</param>
/// <param name="Expected">The value, limit or length that would have been right; see the error.</param>
/// <param name="Found">The value or length that the input has.</param>
public readonly record struct Lz4Result(Lz4Error Error, long Offset, ulong Expected, ulong Found)
{
    /// <summary>Success.</summary>
    public static Lz4Result Ok => default;

    /// <summary>Whether the call succeeded.</summary>
    public bool IsOk => Error == Lz4Error.None;

    /// <summary>A sentence for a person: what happened, where, and, where there is one, the remedy.</summary>
    public string Message => Error switch
    {
        Lz4Error.None => "LZ4: no error.",
        Lz4Error.Truncated => Say($"the input ends too early: {Expected} bytes needed, {Found} left"),
        Lz4Error.BadMagic => Say($"not an LZ4 frame: expected magic 0x{Expected:X8}, found 0x{Found:X8}"),
        Lz4Error.LegacyFrame => Say(
            $"a frame of the legacy LZ4 format, which is not supported; write it again with lz4 without -l"),
        Lz4Error.UnsupportedVersion => Say($"frame version {Found}, only {Expected} is supported"),
        Lz4Error.ReservedBit => Say(
            $"a reserved bit is set in the frame descriptor (0x{Found:X2}): damage, or a later format"),
        Lz4Error.BadBlockSizeCode => Say($"block size code {Found}, expected 4 to 7"),
        Lz4Error.DictionaryRequired => Say(
            $"the frame needs dictionary {Found}; frames with a dictionary are not supported"),
        Lz4Error.HeaderChecksumMismatch => Say(
            $"the frame header is damaged: checksum 0x{Expected:X2} expected, 0x{Found:X2} found"),
        Lz4Error.BlockTooLarge => Say($"a block of {Found} bytes, at most {Expected} are allowed"),
        Lz4Error.BlockChecksumMismatch => Say(
            $"a block is damaged: checksum 0x{Expected:X8} expected, 0x{Found:X8} found"),
        Lz4Error.BlockTruncated => Say(
            $"a compressed block ends inside a sequence: {Expected} bytes needed, {Found} left"),
        Lz4Error.BadMatchOffset => Say(
            $"a match reaches {Found} bytes back where only 1 to {Expected} are possible"),
        Lz4Error.ContentChecksumMismatch => Say(
            $"the content is damaged: checksum 0x{Expected:X8} expected, 0x{Found:X8} found"),
        Lz4Error.ContentSizeMismatch => Say(
            $"the content has {Found} bytes where the frame header says {Expected}"),
        Lz4Error.DestinationTooSmall => Say(
            $"the content does not fit: at least {Expected} bytes needed, the destination has {Found}"),
        _ => Say($"error {(int)Error}"),
    };

    /// <summary>Throws <see cref="Lz4Exception"/> unless the call succeeded.</summary>
    /// <exception cref="Lz4Exception">This is not a success.</exception>
    public void ThrowIfError()
    {
        if (!IsOk)
            throw new Lz4Exception(this);
    }

    /// <summary>The same as <see cref="Message"/>.</summary>
    public override string ToString() => Message;

    internal Lz4Result Shift(long offset) => IsOk ? this : this with { Offset = Offset + offset };

    private string Say(FormattableString what) =>
        string.Create(CultureInfo.InvariantCulture, $"LZ4, byte {Offset}: ")
        + what.ToString(CultureInfo.InvariantCulture) + ".";
}
