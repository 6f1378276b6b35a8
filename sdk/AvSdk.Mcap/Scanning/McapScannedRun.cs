namespace AvSdk.Mcap;

/// <summary>
/// Consecutive records outside of chunks that hold messages: what stands in for a chunk in a file without
/// them.
/// </summary>
/// <param name="Offset">File offset of the first record.</param>
/// <param name="Bytes">Bytes of the records.</param>
/// <param name="MessageStartTime">The earliest log time, ns.</param>
/// <param name="MessageEndTime">The latest log time, ns, inclusive.</param>
/// <param name="Messages">Messages by channel id.</param>
public sealed record McapScannedRun(
    long Offset,
    long Bytes,
    ulong MessageStartTime,
    ulong MessageEndTime,
    IReadOnlyDictionary<ushort, ulong> Messages);
