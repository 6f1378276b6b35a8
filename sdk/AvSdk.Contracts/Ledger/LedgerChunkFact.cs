using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Ledger;

/// <summary>A chunk that is known of beside the ledger: a row of the gateway's index, or a chunk in a spool.</summary>
/// <param name="Lane">Its lane.</param>
/// <param name="Sequence">Its sequence in the lane.</param>
/// <param name="IsStored">It is in the gateway's store.</param>
/// <param name="FirstLogTime">Its earliest log time, ns.</param>
/// <param name="LastLogTime">Its latest, ns, inclusive.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Channels">Its messages by channel.</param>
public sealed record LedgerChunkFact(
    string Lane, ulong Sequence, bool IsStored, ulong FirstLogTime, ulong LastLogTime, ByteString Sha256,
    IReadOnlyList<ChunkChannel> Channels);
