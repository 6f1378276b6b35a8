using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>A file far away, as far as readers know: they may merge reads. Remembers what was asked for.</summary>
internal sealed class RemoteSource(byte[] bytes) : IMcapRemoteSource
{
    public int MergedBytesMax { get; init; } = 1 << 20;

    public int GapBytesMax { get; init; } = 1 << 10;

    public List<(long Offset, int Count)> Asked { get; } = [];

    /// <summary>When set: reads that touch this byte fail.</summary>
    public long? Broken { get; set; }

    public long Length => bytes.Length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        lock (Asked)
            Asked.Add((offset, destination.Length));
        if (Broken >= offset && Broken < offset + destination.Length)
            throw new IOException("broken");
        return new MemorySource(bytes).ReadAt(offset, destination);
    }

    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return ReadAt(offset, destination.Span);
    }
}
