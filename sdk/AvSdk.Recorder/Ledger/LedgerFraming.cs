using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Contracts.Ledger;
using AvSdk.Mcap;

namespace AvSdk.Recording.Ledger;

/// <summary>The bytes of a ledger's file; see <see cref="LedgerFile"/> for the layout.</summary>
internal static class LedgerFraming
{
    public const int PrefixBytes = 8;

    public static ReadOnlySpan<byte> Magic => "AVLEDG1\n"u8;

    public static void Write(ReadOnlySpan<byte> entry, IBufferWriter<byte> output)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)entry.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[4..], Crc32.Compute(entry));
        output.Write(prefix);
        output.Write(entry);
    }

    /// <summary>
    /// The entry's bytes at the start of <paramref name="input"/>, and the bytes that the frame takes. False: it is torn
    /// or damaged.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> entry, out int bytes)
    {
        entry = default;
        bytes = 0;
        if (input.Length < PrefixBytes)
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(input);
        if (length is 0 or > LedgerChain.EntryBytesMax || length > input.Length - PrefixBytes)
            return false;
        ReadOnlySpan<byte> content = input.Slice(PrefixBytes, (int)length);
        if (Crc32.Compute(content) != BinaryPrimitives.ReadUInt32LittleEndian(input[4..]))
            return false;
        entry = content;
        bytes = PrefixBytes + (int)length;
        return true;
    }

    /// <summary>
    /// Whether a whole frame begins anywhere after the first byte: then what is at the start was damaged, not torn.
    /// </summary>
    public static bool HasFrameAfter(ReadOnlySpan<byte> rest)
    {
        for (int at = 1; at <= rest.Length - PrefixBytes; at++)
        {
            if (TryRead(rest[at..], out ReadOnlySpan<byte> entry, out _) && LedgerChain.Parse(entry) is { Index: > 0 })
                return true;
        }

        return false;
    }
}
