namespace AvSdk.Fuzz.Lz4;

/// <summary>Good compressed bytes and what they decompress to.</summary>
/// <param name="Name">Where they are from.</param>
/// <param name="Bytes">A frame, several frames, or a block.</param>
/// <param name="Content">The content.</param>
/// <param name="IsBlock">Whether it is a bare block.</param>
public sealed record Lz4Seed(string Name, byte[] Bytes, byte[] Content, bool IsBlock);
