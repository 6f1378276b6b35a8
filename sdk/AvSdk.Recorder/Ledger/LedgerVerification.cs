using System.Globalization;
using System.Security.Cryptography;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording;

/// <summary>Checks a ledger's file (<c>*.ledger</c> of a spool) without the vehicle and without a gateway.</summary>
public static class LedgerVerification
{
    /// <summary>
    /// Checks every entry's place in the chain, and the signatures where a key is given. What is cut off at the end cannot
    /// be seen from the file alone: compare <see cref="LedgerVerdict.HeadSha256"/> with a gateway's, or look whether it is
    /// ended.
    /// </summary>
    /// <param name="file">The file's bytes; borrowed until the call returns.</param>
    /// <param name="publicKey">The vehicle's key; null: signatures are counted and not checked.</param>
    public static LedgerVerdict Verify(ReadOnlySpan<byte> file, ECDsa? publicKey)
    {
        LedgerScan scan = LedgerScan.Run(file);
        List<string> problems = [];
        if (scan.Damage is not null)
            problems.Add($"{scan.Damage}; {scan.Entries.Count} entries before it are whole.");
        else if (scan.RestBytes > 0)
            problems.Add(Text($"{scan.RestBytes} bytes after the last whole entry are torn."));
        if (scan.Entries.Count == 0)
            problems.Add("There is no entry.");
        int signed = 0;
        for (int at = 0; at < scan.Entries.Count; at++)
        {
            LedgerEntry entry = scan.Entries[at].Entry;
            if (entry.Signature is null)
                continue;
            if (publicKey is null || LedgerSigning.Verify(publicKey, entry))
                signed = at;
            else
                problems.Add(WhyNot(publicKey, entry));
        }

        if (publicKey is not null && signed == 0 && scan.Entries.Count > 0)
            problems.Add("No signature of this key is in it.");
        RecordingInfo? info = scan.Entries.Count > 0 ? scan.Entries[0].Entry.Began?.Recording : null;
        return new LedgerVerdict
        {
            RecordingId = info is not null && RecordingIds.TryRead(info.RecordingId, out Guid id) ? id : null,
            VehicleId = info?.VehicleId ?? "",
            Entries = scan.Entries.Count,
            Parts = scan.Entries.Count(static each => each.Entry.Began is not null),
            IsEnded = scan.Entries.Any(static each => each.Entry.Ended is not null),
            HeadSha256 = scan.Chain.Head.Memory,
            SignedEntries = signed,
            Problems = problems,
        };
    }

    private static string WhyNot(ECDsa publicKey, LedgerEntry entry) =>
        entry.Signature.Algorithm != LedgerSigning.Algorithm
            ? Text($"Entry {entry.Index} is signed by {entry.Signature.Algorithm}, which is not known here.")
            : entry.Signature.KeySha256 == LedgerSigning.Fingerprint(publicKey)
                ? Text($"The signature in entry {entry.Index} is not good.")
                : Text($"Entry {entry.Index} is signed by another key.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
