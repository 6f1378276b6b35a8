namespace AvSdk.Mcap;

/// <summary>
/// A source where each read costs a round trip: readers ask it for fewer and larger ranges, and ahead of need.
/// </summary>
public interface IMcapRemoteSource : IMcapSource
{
    /// <summary>The most bytes that neighbouring reads are put together to.</summary>
    int MergedBytesMax { get; }

    /// <summary>The most bytes between two reads that are read in vain rather than asking twice.</summary>
    int GapBytesMax { get; }
}
