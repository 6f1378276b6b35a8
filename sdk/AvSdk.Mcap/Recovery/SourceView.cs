namespace AvSdk.Mcap;

/// <summary>
/// A source as spans, wherever they are asked for: what is asked for is there until the next call.
/// </summary>
internal sealed class SourceView(IMcapSource source, int windowBytes = 64 * 1024) : IDisposable
{
    private readonly SourceWindow _window = new(source, windowBytes);

    /// <summary>Up to so many bytes at an offset; fewer only where the file ends.</summary>
    public ReadOnlySpan<byte> At(long offset, int count)
    {
        _window.Fetch(new ByteRange(offset, count));
        return _window.At(offset, count);
    }

    public void Dispose() => _window.Dispose();
}
