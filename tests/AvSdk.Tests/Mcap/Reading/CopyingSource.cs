using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>A file that gives nothing in place, answers asynchronously when asked so, and counts its reads.</summary>
internal sealed class CopyingSource(byte[] bytes) : IMcapSource
{
    private readonly MemorySource _source = new(bytes);

    public long Length => _source.Length;

    public int Reads { get; set; }

    public int ReadAt(long offset, Span<byte> destination)
    {
        Reads++;
        return _source.ReadAt(offset, destination);
    }

    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        return ReadAt(offset, destination.Span);
    }
}
