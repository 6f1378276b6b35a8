namespace AvSdk.Mcap.Tool.RosBags;

/// <summary>A file is not a good ROS bag; where, and what was expected and found.</summary>
internal sealed class BagException(long offset, string expected, string found)
    : Exception($"at byte {offset}: expected {expected}, found {found}")
{
    public long Offset { get; } = offset;
}
