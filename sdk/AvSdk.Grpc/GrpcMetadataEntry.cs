using AvSdk.Grpc.Framing;

namespace AvSdk.Grpc;

/// <summary>One name and value of a <see cref="GrpcMetadata"/>.</summary>
/// <remarks>A name that ends in <c>-bin</c> has a value of bytes, any other one of ASCII text.</remarks>
public readonly struct GrpcMetadataEntry
{
    private readonly string? _text;
    private readonly byte[]? _bytes;

    internal GrpcMetadataEntry(string name, string text)
    {
        Name = name;
        _text = text;
    }

    internal GrpcMetadataEntry(string name, byte[] bytes)
    {
        Name = name;
        _bytes = bytes;
    }

    /// <summary>In lower case.</summary>
    public string Name { get; }

    /// <summary>Whether the value is bytes.</summary>
    public bool IsBinary => _bytes is not null;

    /// <summary>The text, or the bytes in base64, as on the wire.</summary>
    public string Value => _text ?? BinaryHeader.Encode(_bytes);

    /// <summary>The bytes of a <c>-bin</c> entry; empty for text.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary><c>name: value</c>.</summary>
    public override string ToString() => $"{Name}: {Value}";
}
