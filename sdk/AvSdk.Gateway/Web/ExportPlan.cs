using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Web;

/// <summary>What one export file consists of. Two plans with the same key give the same file.</summary>
internal sealed class ExportPlan
{
    /// <summary>To be raised when the builder writes other bytes for the same plan.</summary>
    private const string LayoutVersion = "av-export-1";

    public required ChunkSelection Selection { get; init; }

    /// <summary>In reading order; at least one.</summary>
    public required IReadOnlyList<IndexedChunk> Chunks { get; init; }

    /// <summary>Of the recordings of <see cref="Chunks"/>, in order of first appearance.</summary>
    public required IReadOnlyList<RecordingDefinitions> Recordings { get; init; }

    /// <summary>Bytes of the chunks' bodies: about what the file will have, or more.</summary>
    public long Bytes => Chunks.Sum(chunk => (long)chunk.Header.BodyBytes);

    /// <summary>Hex; over the time range, the topics and the hashes of the chunks.</summary>
    public string Key()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(LayoutVersion);
        AppendNumber(Selection.Start ?? 0);
        AppendNumber(Selection.End ?? ulong.MaxValue);
        foreach (string topic in Selection.Topics ?? ["**"])
            AppendText(topic);
        foreach (IndexedChunk chunk in Chunks)
        {
            hash.AppendData(chunk.Header.Ref.RecordingId.Span);
            AppendText(chunk.Header.Ref.Lane);
            AppendNumber(chunk.Header.Ref.Sequence);
            hash.AppendData(chunk.Header.Sha256.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));

        void AppendText(string text)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0]);
        }

        void AppendNumber(ulong number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }
}
