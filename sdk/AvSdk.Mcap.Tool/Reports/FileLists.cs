using System.Text;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>The lists of what a file holds, and their tables.</summary>
internal static class FileLists
{
    public static IReadOnlyList<ChannelReport> Channels(McapIndexedReader reader, MessageCounts counts) =>
    [
        .. reader.Channels.Values.OrderBy(channel => channel.Id).Select(channel => new ChannelReport(
            channel.Id, channel.Topic, channel.SchemaId, reader.Schemas.GetValueOrDefault(channel.SchemaId)?.Name ?? "",
            channel.MessageEncoding, counts.ByChannel.GetValueOrDefault(channel.Id), channel.Metadata)),
    ];

    public static IReadOnlyList<SchemaReport> Schemas(McapIndexedReader reader) =>
    [
        .. reader.Schemas.Values.OrderBy(schema => schema.Id).Select(schema => new SchemaReport(
            schema.Id, schema.Name, schema.Encoding, schema.Data.Length,
            reader.Channels.Values.Count(channel => channel.SchemaId == schema.Id))),
    ];

    public static IReadOnlyList<ChunkReport> Chunks(McapIndexedReader reader) =>
    [
        .. reader.Chunks.OrderBy(chunk => chunk.ChunkStartOffset).Select(chunk => new ChunkReport(
            chunk.ChunkStartOffset, chunk.ChunkLength + chunk.MessageIndexLength,
            FileSurvey.CompressionName(chunk.Compression), chunk.CompressedSize, chunk.UncompressedSize,
            FileSurvey.Ratio(chunk.UncompressedSize, chunk.CompressedSize), chunk.MessageStartTime,
            chunk.MessageEndTime, [.. chunk.MessageIndexOffsets.Keys.Order()])),
    ];

    public static IReadOnlyList<AttachmentReport> Attachments(McapIndexedReader reader) =>
        [.. reader.Attachments.Select(FileSurvey.Report)];

    public static IReadOnlyList<MetadataReport> Metadata(McapIndexedReader reader) =>
        Metadata(reader, reader.MetadataIndexes);

    public static IReadOnlyList<MetadataReport> Metadata(
        McapIndexedReader reader, IEnumerable<McapMetadataIndex> indexes) =>
    [
        .. indexes.Select(index =>
            new MetadataReport(index.Name, index.Offset, reader.ReadMetadata(index).Values)),
    ];

    public static string Table(IReadOnlyList<ChannelReport> channels)
    {
        TextTable table = new(">id", "topic", ">messages", "encoding", ">schema", "schema name", "metadata");
        foreach (ChannelReport each in channels)
        {
            table.Add($"{each.Id}", each.Topic, Quantities.Count(each.Messages), each.MessageEncoding,
                $"{each.SchemaId}", each.Schema, Pairs(each.Metadata));
        }

        return table.ToString();
    }

    public static string Table(IReadOnlyList<SchemaReport> schemas)
    {
        TextTable table = new(">id", "name", "encoding", ">bytes", ">channels");
        foreach (SchemaReport each in schemas)
            table.Add($"{each.Id}", each.Name, each.Encoding, Quantities.Count(each.Bytes), $"{each.Channels}");
        return table.ToString();
    }

    public static string Table(IReadOnlyList<ChunkReport> chunks)
    {
        TextTable table = new(
            ">offset", ">bytes", "compression", ">plain bytes", ">ratio", "start", "end", ">channels");
        foreach (ChunkReport each in chunks)
        {
            table.Add($"{each.Offset}", Quantities.Count(each.Bytes), each.Compression,
                Quantities.Count(each.UncompressedBytes), Quantities.Ratio(each.Ratio), TimeText.Iso(each.Start),
                TimeText.Iso(each.End), $"{each.Channels.Count}");
        }

        return table.ToString();
    }

    public static string Text(IReadOnlyList<MetadataReport> metadata)
    {
        StringBuilder text = new();
        foreach (MetadataReport each in metadata)
        {
            text.Append(TextTable.OneLine(each.Name)).Append('\n');
            foreach ((string key, string value) in each.Values)
                text.Append("  ").Append(TextTable.OneLine($"{key} = {value}")).Append('\n');
        }

        return text.ToString();
    }

    private static string Pairs(IReadOnlyDictionary<string, string> pairs) =>
        string.Join(", ", pairs.Select(pair => $"{pair.Key}={pair.Value}"));
}
