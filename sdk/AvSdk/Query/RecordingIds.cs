using Google.Protobuf;

namespace AvSdk.Query;

/// <summary>A recording's id on the wire: 16 bytes in network order (RFC 9562).</summary>
internal static class RecordingIds
{
    private const int Bytes = 16;

    public static ByteString ToBytes(Guid id) => ByteString.CopyFrom(id.ToByteArray(bigEndian: true));

    public static bool TryParse(ByteString bytes, out Guid id)
    {
        bool isId = bytes.Length == Bytes;
        id = isId ? new Guid(bytes.Span, bigEndian: true) : default;
        return isId;
    }

    /// <exception cref="AvQueryException">They are no id.</exception>
    public static Guid Parse(ByteString bytes) => TryParse(bytes, out Guid id)
        ? id
        : throw new AvQueryException(AvQueryError.Protocol,
            $"The gateway named a recording by {bytes.Length} bytes instead of {Bytes}: its version does not "
                + "fit this client's.");
}
