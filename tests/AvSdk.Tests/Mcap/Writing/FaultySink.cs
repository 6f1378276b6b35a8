using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Writing;

/// <summary>A sink that takes so many writes and refuses the next, as a full disk does; flushes may fail too.</summary>
internal sealed class FaultySink(int writesBeforeFault, bool flushFails = false) : IMcapSink
{
    private readonly List<byte> _bytes = [];

    public int Writes { get; private set; }

    public long Position => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (++Writes > writesBeforeFault)
            throw new IOException("the disk is full");
        _bytes.AddRange(bytes);
    }

    public void Flush()
    {
        if (flushFails)
            throw new IOException("the disk is gone");
    }
}
