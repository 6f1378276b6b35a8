using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Mcap.Tool.Edits;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>The reports as JSON: names in snake_case, times as decimal strings of ns.</summary>
[JsonSerializable(typeof(DiskUseReport))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(RecoveryReport))]
[JsonSerializable(typeof(EditReport))]
[JsonSerializable(typeof(FileReport))]
[JsonSerializable(typeof(IReadOnlyList<ChannelReport>))]
[JsonSerializable(typeof(IReadOnlyList<SchemaReport>))]
[JsonSerializable(typeof(IReadOnlyList<ChunkReport>))]
[JsonSerializable(typeof(IReadOnlyList<AttachmentReport>))]
[JsonSerializable(typeof(IReadOnlyList<MetadataReport>))]
[JsonSerializable(typeof(MessageReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    private static readonly ReportJson s_reports = Create(isIndented: true);
    private static readonly ReportJson s_lines = Create(isIndented: false);

    /// <summary>A report over several lines.</summary>
    public static string Text<T>(T report) => Text(s_reports, report);

    /// <summary>A report on one line.</summary>
    public static string Line<T>(T report) => Text(s_lines, report);

    private static string Text<T>(ReportJson json, T report) =>
        JsonSerializer.Serialize(report, (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T))!) + "\n";

    // Names of topics and schemas stay as they are: the text goes to a program, not into a web page.
    private static ReportJson Create(bool isIndented) => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = isIndented,
    });
}
