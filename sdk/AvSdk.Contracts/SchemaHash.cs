using System.Security.Cryptography;
using System.Text;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts;

/// <summary>
/// The hash by which a schema goes over a link once (<c>SchemaDefinition.sha256</c>, recording.proto): SHA-256 over
/// encoding, 0x00, name, 0x00, data.
/// </summary>
public static class SchemaHash
{
    /// <summary>The hash of a schema: 32 bytes.</summary>
    public static ByteString Compute(string encoding, string name, ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(encoding));
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([0]);
        hash.AppendData(data);
        return ByteString.CopyFrom(hash.GetHashAndReset());
    }

    /// <summary>
    /// True: the definition is whole and right. One told by hash alone is not, unless its data is empty.
    /// </summary>
    public static bool Matches(SchemaDefinition schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.Sha256.Equals(Compute(schema.Encoding, schema.Name, schema.Data.Span));
    }
}
