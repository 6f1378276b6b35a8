using System.Globalization;
using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Conformance;

/// <summary>The suite's "write" run: a test case's JSON to the bytes of the file that it describes.</summary>
public static class WriteRun
{
    /// <summary>The file for a test case.</summary>
    /// <exception cref="NotSupportedException">The case wants bytes that no writer can be asked for.</exception>
    public static byte[] Write(ReadOnlyMemory<byte> testCase)
    {
        using JsonDocument document = JsonDocument.Parse(testCase);
        HashSet<string> features = [.. Features(document.RootElement)];
        if (features.Contains("pad"))
            throw new NotSupportedException("The test case wants bytes after the last field of its records (\"pad\").");
        List<CaseRecord> records = [.. document.RootElement.GetProperty("records").EnumerateArray().Select(r => new CaseRecord(r))];
        CaseRecord header = records[0];
        using MemoryStream file = new();
        using (McapWriter writer = new(file, Options(features, header.Text("profile"), header.Text("library")), leaveOpen: true))
        {
            // What comes after it, the writer finds out by itself.
            foreach (CaseRecord record in records.TakeWhile(r => r.Type != "DataEnd"))
                Write(record, writer);
        }

        return file.ToArray();
    }

    private static McapWriterOptions Options(HashSet<string> features, string profile, string library) => new()
    {
        Profile = profile,
        Library = library,
        Compression = ChunkCompression.None,
        ChunkBytes = features.Contains("ch") ? 1 << 20 : 0,
        DefinitionsInChunks = true,
        MessageIndexes = features.Contains("mx"),
        ChunkIndexes = features.Contains("chx"),
        Statistics = features.Contains("st"),
        RepeatSchemas = features.Contains("rsh"),
        RepeatChannels = features.Contains("rch"),
        AttachmentIndexes = features.Contains("ax"),
        MetadataIndexes = features.Contains("mdx"),
        SummaryOffsets = features.Contains("sum"),
    };

    private static void Write(CaseRecord record, McapWriter writer)
    {
        switch (record.Type)
        {
            case "Schema":
                writer.AddSchema(new McapSchema(
                    (ushort)record.Number("id"), record.Text("name"), record.Text("encoding"), record.Bytes("data")));
                break;
            case "Channel":
                writer.AddChannel(new McapChannel(
                    (ushort)record.Number("id"), (ushort)record.Number("schema_id"), record.Text("topic"),
                    record.Text("message_encoding"), record.Map("metadata")));
                break;
            case "Message":
                writer.WriteMessage((ushort)record.Number("channel_id"), (uint)record.Number("sequence"),
                    record.Number("log_time"), record.Number("publish_time"), record.Bytes("data"));
                break;
            case "Attachment":
                writer.WriteAttachment(new McapAttachment(record.Number("log_time"), record.Number("create_time"),
                    record.Text("name"), record.Text("media_type"), record.Bytes("data")));
                break;
            case "Metadata":
                writer.WriteMetadata(new McapMetadata(record.Text("name"), record.Map("metadata")));
                break;
            default:
                break;
        }
    }

    private static IEnumerable<string> Features(JsonElement testCase) =>
        testCase.GetProperty("meta").GetProperty("variant").GetProperty("features").EnumerateArray().Select(f => f.GetString()!);

    private sealed class CaseRecord(JsonElement record)
    {
        private readonly Dictionary<string, JsonElement> _fields =
            record.GetProperty("fields").EnumerateArray().ToDictionary(f => f[0].GetString()!, f => f[1]);

        public string Type { get; } = record.GetProperty("type").GetString()!;

        public string Text(string name) => _fields[name].GetString()!;

        public ulong Number(string name) => ulong.Parse(Text(name), CultureInfo.InvariantCulture);

        public byte[] Bytes(string name) =>
            [.. _fields[name].EnumerateArray().Select(b => byte.Parse(b.GetString()!, CultureInfo.InvariantCulture))];

        public Dictionary<string, string> Map(string name) =>
            _fields[name].EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
    }
}
