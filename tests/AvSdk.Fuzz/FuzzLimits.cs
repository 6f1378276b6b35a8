using AvSdk.Mcap;

namespace AvSdk.Fuzz;

/// <summary>What inputs of a few KiB may cost.</summary>
public static class FuzzLimits
{
    /// <summary>Above anything that a good file of the corpus has.</summary>
    public static McapLimits Mcap { get; } = new()
    {
        RecordBytesMax = 1 << 20,
        ChunkBytesMax = 1 << 20,
        TextBytesMax = 1 << 16,
        SummaryBytesMax = 1 << 20,
    };
}
