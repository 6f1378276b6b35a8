using System.Buffers;
using AvSdk.Contracts.Ledger;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Ledger;

/// <summary>The bytes of a ledger's file; see <see cref="LedgerFile"/> for the layout.</summary>
internal static class LedgerFraming
{
    public const int PrefixBytes = CheckedFrame.PrefixBytes;

    public static ReadOnlySpan<byte> Magic => "AVLEDG1\n"u8;

    public static void Write(ReadOnlySpan<byte> entry, IBufferWriter<byte> output) => CheckedFrame.Write(entry, output);

    /// <summary>
    /// The entry's bytes at the start of <paramref name="input"/>, and the bytes that the frame takes. False: it is torn
    /// or damaged.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> entry, out int bytes) =>
        CheckedFrame.TryRead(input, LedgerChain.EntryBytesMax, out entry, out bytes);

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
