using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Ledger;

/// <summary>What a report says of the parts of a ledger.</summary>
public static class LedgerParts
{
    /// <summary>One part.</summary>
    /// <param name="part">Its number.</param>
    /// <param name="entries">Its entries, in order.</param>
    /// <param name="head">The hash of the last of them.</param>
    /// <param name="refused">Why later ones were not taken; empty: none were refused.</param>
    public static LedgerPart Summarise(uint part, IEnumerable<LedgerEntry> entries, ByteString head, string refused)
    {
        ArgumentNullException.ThrowIfNull(entries);
        LedgerPart summary = new() { Part = part, HeadSha256 = head, Refused = refused };
        foreach (LedgerEntry entry in entries)
        {
            summary.Entries++;
            if (entry.Began is { } began)
                summary.Reason = began.Reason.Length == 0 && began.Afterwards ? "afterwards" : began.Reason;
            if (entry.Signature is { } signature)
                (summary.SignedThrough, summary.KeySha256) = (entry.Index - 1, signature.KeySha256);
        }

        return summary;
    }
}
