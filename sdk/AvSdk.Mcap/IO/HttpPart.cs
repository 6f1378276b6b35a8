namespace AvSdk.Mcap;

/// <summary>A part of a file that a server gave, and what it said of the file.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="FileBytes">Bytes of the whole file.</param>
/// <param name="Version">Which version of the file it is from.</param>
internal sealed record HttpPart(long Offset, byte[] Bytes, long FileBytes, HttpVersionMark Version);
