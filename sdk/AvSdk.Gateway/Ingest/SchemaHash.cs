using System.Security.Cryptography;
using System.Text;
using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// A schema's hash: SHA-256 over encoding, 0x00, name, 0x00, data (recording.proto, SchemaDefinition).
/// </summary>
internal static class SchemaHash
{
    public static byte[] Compute(string encoding, string name, ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(encoding));
        hash.AppendData([0]);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([0]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// True: the definition is whole and right. Told by hash alone, it is not, unless its data is empty.
    /// </summary>
    public static bool Matches(SchemaDefinition schema) =>
        schema.Sha256.Span.SequenceEqual(Compute(schema.Encoding, schema.Name, schema.Data.Span));
}
