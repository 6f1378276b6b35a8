using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>
/// A segment's file as the MCAP writer sees it. Small records are gathered, so that a chunk costs few writes;
/// what is large goes through. A flush here is not durable: <see cref="SegmentWriter"/> decides when it is.
/// </summary>
internal sealed class SegmentSink(ISpoolFile file) : IMcapSink
{
    private readonly byte[] _gathered = new byte[16 << 10];
    private int _gatheredBytes;

    public long Position { get; private set; } = file.LengthBytes;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bool isLarge = bytes.Length > _gathered.Length / 2;
        if (isLarge || bytes.Length > _gathered.Length - _gatheredBytes)
            Flush();
        if (isLarge)
        {
            file.Append(bytes);
        }
        else
        {
            bytes.CopyTo(_gathered.AsSpan(_gatheredBytes));
            _gatheredBytes += bytes.Length;
        }

        Position += bytes.Length;
    }

    public void Flush()
    {
        if (_gatheredBytes == 0)
            return;
        file.Append(_gathered.AsSpan(0, _gatheredBytes));
        _gatheredBytes = 0;
    }
}
