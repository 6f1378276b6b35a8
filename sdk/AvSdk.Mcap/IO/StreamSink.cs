namespace AvSdk.Mcap;

/// <summary>Writes to a stream; what stood in it before is not part of the file.</summary>
/// <param name="stream">Borrowed: whoever made it disposes it.</param>
/// <param name="position">Where in the MCAP file the stream stands; default 0.</param>
public sealed class StreamSink(Stream stream, long position = 0) : IMcapSink
{
    /// <inheritdoc/>
    public long Position { get; private set; } = position;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        Position += bytes.Length;
    }

    /// <summary>
    /// Flushes the stream; on disk that is the operating system's cache, see <see cref="DurableFile"/>.
    /// </summary>
    public void Flush() => stream.Flush();
}
