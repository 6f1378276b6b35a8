using Google.Protobuf;

namespace AvSdk.Gateway.Index;

/// <summary>
/// Recording ids between the wire's 16 bytes in network order (RFC 9562) and <see cref="Guid"/>.
/// </summary>
internal static class RecordingIds
{
    public const int Bytes = 16;

    public static Guid Read(ByteString bytes) => new(bytes.Span, bigEndian: true);

    public static bool TryRead(ByteString bytes, out Guid id)
    {
        id = bytes.Length == Bytes ? Read(bytes) : Guid.Empty;
        return id != Guid.Empty;
    }

    public static ByteString Write(Guid id)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return ByteString.CopyFrom(bytes);
    }

    /// <summary>
    /// As the index keeps it, and as folders are named: lower-case text, which sorts as the bytes do.
    /// </summary>
    public static string Text(Guid id) => id.ToString("D");
}
