namespace AvSdk.Mcap;

/// <summary>A part of a file that a recovery left out.</summary>
/// <param name="Offset">File offset of its first byte.</param>
/// <param name="Bytes">Bytes of it; 0: nothing was left out, but something no longer has a checksum that vouches
/// for it.</param>
/// <param name="Error">What is wrong with it; offsets count from the file's start.</param>
/// <param name="MessagesLost">Messages in it, where the message indexes after a chunk or the records themselves
/// tell; null: nobody knows.</param>
public sealed record McapSkipped(long Offset, long Bytes, McapError Error, long? MessagesLost);
