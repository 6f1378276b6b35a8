using System.Text.Json.Serialization;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>A line of <c>list channels</c>.</summary>
internal sealed record ChannelReport(
    ushort Id, string Topic, ushort SchemaId, string Schema, string MessageEncoding, ulong Messages,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A line of <c>list schemas</c>.</summary>
internal sealed record SchemaReport(ushort Id, string Name, string Encoding, int Bytes, int Channels);

/// <summary>A line of <c>list chunks</c>.</summary>
internal sealed record ChunkReport(
    ulong Offset,
    ulong Bytes,
    string Compression,
    ulong CompressedBytes,
    ulong UncompressedBytes,
    double Ratio,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong Start,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong End,
    IReadOnlyList<ushort> Channels);

/// <summary>A line of <c>list metadata</c>.</summary>
internal sealed record MetadataReport(string Name, ulong Offset, IReadOnlyDictionary<string, string> Values);

/// <summary>A line of <c>list messages</c>.</summary>
internal sealed record MessageReport(
    string Topic,
    ushort ChannelId,
    uint Sequence,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong LogTime,
    [property: JsonConverter(typeof(NanosecondsConverter))] ulong PublishTime,
    int Bytes);
