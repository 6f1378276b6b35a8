using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>A spool's file as the MCAP scan sees it.</summary>
internal sealed class SpoolFileSource(ISpoolFile file) : IMcapSource
{
    public long Length => file.LengthBytes;

    public int ReadAt(long offset, Span<byte> destination) => file.Read(offset, destination);

    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(file.Read(offset, destination.Span));
}
