using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Makes the report of a file.</summary>
internal static class FileSurvey
{
    public static FileReport Of(
        McapInput input, McapIndexedReader reader, bool isSealed, IProgress<WorkDone>? progress,
        CancellationToken cancellationToken)
    {
        MessageCounts counts = MessageCounts.Of(reader, progress, cancellationToken);
        double seconds = (counts.End - counts.Start) / 1e9;
        return new FileReport
        {
            File = input.Name,
            Bytes = input.Source.Length,
            Profile = reader.Header.Profile,
            Library = reader.Header.Library,
            Sealed = isSealed,
            Indexed = reader.IsFromSummary,
            Messages = counts.Total,
            Start = counts.Start,
            End = counts.End,
            Chunks = Compressions(reader.Chunks),
            Schemas = reader.Schemas.Count,
            Topics = [.. Topics(reader, counts, seconds)],
            Attachments = [.. reader.Attachments.Select(Report)],
            Metadata = [.. reader.MetadataIndexes.Select(index => index.Name)],
        };
    }

    public static AttachmentReport Report(McapAttachmentIndex index) => new(
        index.Name, index.MediaType, index.DataSize, index.LogTime, index.CreateTime, index.Offset);

    /// <summary>The word for a chunk's compression, plain included.</summary>
    public static string CompressionName(string compression) => compression.Length == 0 ? "none" : compression;

    public static double Ratio(ulong uncompressed, ulong compressed) =>
        compressed == 0 ? 1 : Math.Round((double)uncompressed / compressed, 3);

    private static List<CompressionReport> Compressions(IReadOnlyList<McapChunkIndex> chunks) =>
    [
        .. chunks.GroupBy(chunk => chunk.Compression).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            ulong compressed = group.Aggregate(0UL, (sum, chunk) => sum + chunk.CompressedSize);
            ulong plain = group.Aggregate(0UL, (sum, chunk) => sum + chunk.UncompressedSize);
            return new CompressionReport(
                CompressionName(group.Key), group.Count(), compressed, plain, Ratio(plain, compressed));
        }),
    ];

    private static IEnumerable<TopicReport> Topics(McapIndexedReader reader, MessageCounts counts, double seconds) =>
        reader.Channels.Values
            .OrderBy(channel => channel.Topic, StringComparer.Ordinal).ThenBy(channel => channel.Id)
            .Select(channel =>
            {
                McapSchema? schema = reader.Schemas.GetValueOrDefault(channel.SchemaId);
                ulong messages = counts.ByChannel.GetValueOrDefault(channel.Id);
                return new TopicReport(
                    channel.Topic, channel.Id, schema?.Name ?? "", schema?.Encoding ?? "", channel.MessageEncoding,
                    messages, seconds > 0 ? Math.Round(messages / seconds, 3) : null);
            });
}
