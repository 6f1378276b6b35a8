namespace AvSdk.Recording.Spool;

/// <summary>What the name of a segment's file says; see <see cref="SegmentFormat"/>.</summary>
internal readonly record struct SegmentName(
    string FileName, Guid RecordingId, string Lane, ulong FirstSequence, int Attempt);
