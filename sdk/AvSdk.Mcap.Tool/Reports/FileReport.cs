using System.Text.Json.Serialization;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>What <c>info</c> says of a file.</summary>
internal sealed record FileReport
{
    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required string Profile { get; init; }

    public required string Library { get; init; }

    /// <summary>Whether the file is finished; false: its writer died, and this is what is whole in it.</summary>
    public required bool Sealed { get; init; }

    /// <summary>Whether this came from the summary; false: the file was scanned.</summary>
    public required bool Indexed { get; init; }

    public required ulong Messages { get; init; }

    /// <summary>The earliest log time, ns; 0 without messages.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public required ulong Start { get; init; }

    /// <summary>The latest log time, ns; 0 without messages.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public required ulong End { get; init; }

    [JsonConverter(typeof(NanosecondsConverter))]
    public ulong Duration => End - Start;

    public required IReadOnlyList<CompressionReport> Chunks { get; init; }

    public required int Schemas { get; init; }

    public required IReadOnlyList<TopicReport> Topics { get; init; }

    public required IReadOnlyList<AttachmentReport> Attachments { get; init; }

    public required IReadOnlyList<string> Metadata { get; init; }
}

/// <summary>The chunks of one compression.</summary>
/// <param name="Compression">lz4, zstd or none.</param>
/// <param name="Ratio">Bytes before compression by bytes after.</param>
internal sealed record CompressionReport(
    string Compression, int Count, ulong CompressedBytes, ulong UncompressedBytes, double Ratio);

/// <summary>A channel.</summary>
/// <param name="Hz">Messages by the duration of the file; null: the file has none.</param>
internal sealed record TopicReport(
    string Topic, ushort ChannelId, string Schema, string SchemaEncoding, string MessageEncoding, ulong Messages,
    double? Hz);

/// <summary>An attachment.</summary>
internal sealed record AttachmentReport(
    string Name,
    string MediaType,
    ulong Bytes,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong LogTime,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong CreateTime,
    ulong Offset);
