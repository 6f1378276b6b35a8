namespace AvSdk.Query;

/// <summary>One chain of entries.</summary>
/// <param name="Part">Its number, from 1.</param>
/// <param name="Entries">Its entries.</param>
/// <param name="HeadSha256">The hash of the last of them, 32 bytes.</param>
/// <param name="Reason">Why it was begun, for example <c>damaged</c>; empty for a first one.</param>
/// <param name="Refused">Why later entries were not taken; empty: none were refused.</param>
/// <param name="SignedThrough">The last entry that a signature stands for; 0: none. The gateway does not check
/// it.</param>
/// <param name="KeySha256">SHA-256 of the public key of that signature (SubjectPublicKeyInfo); empty: none.</param>
public sealed record LedgerChainPart(
    uint Part, ulong Entries, ReadOnlyMemory<byte> HeadSha256, string Reason, string Refused, ulong SignedThrough,
    ReadOnlyMemory<byte> KeySha256);
