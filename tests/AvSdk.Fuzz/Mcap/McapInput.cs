namespace AvSdk.Fuzz.Mcap;

/// <summary>An input, the good file that it was made of, and how far that file's checksums still speak for it.</summary>
public sealed class McapInput(McapSeed seed) : FuzzCase(seed.Name, [.. seed.Bytes])
{
    public McapSeed Seed => seed;

    /// <summary>Whether a chunk's records were changed and its CRC made right again: then nothing tells.</summary>
    public bool IsForged { get; set; }

    /// <summary>Whether bytes were added or moved, or checksums made right: then counts cannot be held against.</summary>
    public bool IsRearranged { get; set; }
}
