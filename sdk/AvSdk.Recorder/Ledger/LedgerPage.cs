using Google.Protobuf;

namespace AvSdk.Recording.Ledger;

/// <summary>Entries of one part that follow one another.</summary>
internal sealed class LedgerPage
{
    public uint Part { get; set; }

    public ulong FirstIndex { get; set; }

    public List<byte[]> Entries { get; } = [];

    /// <summary>The hash of the entry that was asked for what follows it; empty: it is not here.</summary>
    public ByteString Previous { get; set; } = ByteString.Empty;
}
