namespace AvSdk.Mcap;

/// <summary>Bytes of a file.</summary>
internal readonly record struct ByteRange(long Offset, int Count);
