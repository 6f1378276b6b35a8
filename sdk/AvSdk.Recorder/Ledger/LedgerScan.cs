using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Ledger;

/// <summary>What the bytes of a ledger's file hold: entries that follow one another, and how they end.</summary>
internal sealed record LedgerScan
{
    public List<(LedgerEntry Entry, int Offset, int Bytes)> Entries { get; } = [];

    /// <summary>The chain after the last of them.</summary>
    public LedgerChain Chain { get; private set; } = LedgerChain.Empty;

    /// <summary>Where the last whole entry ends; 0: not even the file's magic is whole.</summary>
    public int WholeBytes { get; private set; }

    /// <summary>What stands after that is no torn end. Null: it is, or nothing stands there.</summary>
    public string? Damage { get; private set; }

    /// <summary>Bytes after the last whole entry.</summary>
    public int RestBytes { get; private set; }

    /// <summary>Reads all there is; never throws.</summary>
    public static LedgerScan Run(ReadOnlySpan<byte> file)
    {
        LedgerScan scan = new();
        scan.Read(file);
        scan.RestBytes = file.Length - scan.WholeBytes;
        return scan;
    }

    private void Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(LedgerFraming.Magic))
        {
            if (!LedgerFraming.Magic.StartsWith(file) && file.IndexOfAnyExcept((byte)0) >= 0)
                Damage = "it does not begin as a ledger does";
            return;
        }

        WholeBytes = LedgerFraming.Magic.Length;
        while (WholeBytes < file.Length)
        {
            if (!LedgerFraming.TryRead(file[WholeBytes..], out ReadOnlySpan<byte> bytes, out int length))
            {
                if (LedgerFraming.HasFrameAfter(file[WholeBytes..]))
                    Damage = $"the bytes at {WholeBytes} are damaged";
                return;
            }

            string problem = "it is no entry";
            if (LedgerChain.Parse(bytes) is not { } entry
                || Chain.Take(entry, bytes, out problem) is not { } chain
                || (entry.Began is not null && entry.PreviousSha256 != Chain.Head))
            {
                Damage = $"the entry at {WholeBytes} does not follow: "
                    + (problem.Length > 0 ? problem : "it begins a part after another entry than the last");
                return;
            }

            Entries.Add((entry, WholeBytes, length));
            Chain = chain;
            WholeBytes += length;
        }
    }
}
