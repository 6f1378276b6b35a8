namespace AvSdk.Recording.Uplink;

/// <summary>
/// Parts no longer than what the link takes in a moment: what is more urgent waits for the part that is on its way, and
/// for another while the gateway says from where it wants it.
/// </summary>
internal sealed class PartSize
{
    private const int BytesMin = 16 << 10;
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(75);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(25);

    private readonly int _bytesMax;

    /// <param name="bytesMax">The longest part; the first is as long.</param>
    public PartSize(int bytesMax) => _bytesMax = Bytes = bytesMax;

    /// <summary>How long the next part is at most, bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>The link took this long for a part.</summary>
    public void Note(int bytes, TimeSpan taken)
    {
        if (taken > TooLong)
            Bytes = Math.Min(Bytes, Math.Max(BytesMin, Bytes / 2));
        else if (taken < Short && bytes == Bytes)
            Bytes = (int)Math.Min(_bytesMax, 2L * Bytes);
    }
}
