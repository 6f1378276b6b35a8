namespace AvSdk.Sources;

/// <summary>How far a source has come.</summary>
/// <param name="Messages">Written so far, the dropped ones included.</param>
/// <param name="MessagesTotal">What there is to write; null where that is not known.</param>
/// <param name="Bytes">Of payload, written so far; of a replay the bytes read of the file.</param>
/// <param name="BytesTotal">What there is; null where that is not known.</param>
/// <param name="Dropped">Messages that the recorder did not take.</param>
/// <param name="LogTime">Of the latest message: ns since 1970; 0 before the first.</param>
public readonly record struct SourceProgress(
    ulong Messages, ulong? MessagesTotal, long Bytes, long? BytesTotal, ulong Dropped, ulong LogTime);
