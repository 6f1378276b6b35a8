using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Mcap.Tool.Edits;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>The reports as JSON: names in snake_case, times as decimal strings of ns.</summary>
[JsonSerializable(typeof(EditReport))]
[JsonSerializable(typeof(FileReport))]
[JsonSerializable(typeof(IReadOnlyList<ChannelReport>))]
[JsonSerializable(typeof(IReadOnlyList<SchemaReport>))]
[JsonSerializable(typeof(IReadOnlyList<ChunkReport>))]
[JsonSerializable(typeof(IReadOnlyList<AttachmentReport>))]
[JsonSerializable(typeof(IReadOnlyList<MetadataReport>))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    // Names of topics and schemas stay as they are: the text goes to a program, not into a web page.
    private static readonly ReportJson s_readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });

    public static string Text<T>(T report) =>
        JsonSerializer.Serialize(report, (JsonTypeInfo<T>)s_readable.GetTypeInfo(typeof(T))!) + "\n";
}
