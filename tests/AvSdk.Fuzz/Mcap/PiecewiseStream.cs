namespace AvSdk.Fuzz.Mcap;

/// <summary>A stream that gives a few bytes at a time, as a socket does.</summary>
public sealed class PiecewiseStream(byte[] bytes, int pieceBytes) : MemoryStream(bytes, writable: false)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, pieceBytes)]);

    public override int Read(byte[] buffer, int offset, int count) =>
        base.Read(buffer, offset, Math.Min(count, pieceBytes));
}
