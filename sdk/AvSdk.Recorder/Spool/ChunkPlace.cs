namespace AvSdk.Recording.Spool;

/// <summary>Where a chunk lies in its segment.</summary>
/// <param name="RecordOffset">The content of its private record, an <c>av.v1.ChunkRecord</c>.</param>
/// <param name="RecordBytes">Bytes of that.</param>
/// <param name="BodyOffset">Its body.</param>
/// <param name="BodyBytes">Bytes of that.</param>
internal readonly record struct ChunkPlace(long RecordOffset, int RecordBytes, long BodyOffset, long BodyBytes)
{
    /// <summary>The offset of a body that was left out when its segment was written anew.</summary>
    public const long NoBody = -1;

    /// <summary>The body is not in the segment any more.</summary>
    public bool IsRemoved => BodyOffset == NoBody;
}
