namespace AvSdk.Mcap;

/// <summary>
/// A source whose bytes are in memory: readers look at them where they are instead of copying them.
/// </summary>
public interface IMcapInPlaceSource : IMcapSource
{
    /// <summary>
    /// The bytes at <paramref name="offset"/>; fewer than <paramref name="count"/> only where the file ends. The
    /// caller disposes them.
    /// </summary>
    McapBytes Borrow(long offset, int count);
}
