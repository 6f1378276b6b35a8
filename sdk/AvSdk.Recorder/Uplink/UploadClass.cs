namespace AvSdk.Recording.Uplink;

/// <summary>The lanes of one priority, in order of name: they share what is left to them by weight.</summary>
internal sealed class UploadClass(int priority)
{
    public int Priority { get; } = priority;

    public List<UploadLane> Lanes { get; } = [];

    /// <summary>Where the lane stood that sent last: a lane that has something to send again begins here.</summary>
    public long Turn { get; set; }
}
