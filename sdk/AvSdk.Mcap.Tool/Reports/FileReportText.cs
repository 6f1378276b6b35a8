using System.Text;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>The report of a file as a person reads it.</summary>
internal static class FileReportText
{
    public static string Of(FileReport report)
    {
        StringBuilder text = new();
        Line("file", $"{report.File}, {Quantities.Bytes(report.Bytes)}"
            + (report.Sealed ? "" : ", not sealed") + (report.Indexed ? "" : ", no usable index"));
        Line("profile", report.Profile.Length == 0 ? "(none)" : report.Profile);
        Line("library", report.Library);
        Line("messages", Quantities.Count(report.Messages));
        if (report.Messages > 0)
        {
            Line("start", TimeText.Iso(report.Start));
            Line("end", TimeText.Iso(report.End));
            Line("duration", TimeText.Duration(report.Duration));
        }

        foreach (CompressionReport chunks in report.Chunks)
        {
            Line("chunks", $"{chunks.Count} {chunks.Compression}, {Quantities.Bytes(chunks.UncompressedBytes)} "
                + $"in {Quantities.Bytes(chunks.CompressedBytes)}, ratio {Quantities.Ratio(chunks.Ratio)}");
        }

        Line("schemas", Quantities.Count(report.Schemas));
        text.Append('\n').Append(TopicTable(report.Topics));
        if (report.Attachments.Count > 0)
            text.Append('\n').Append(AttachmentTable(report.Attachments));
        if (report.Metadata.Count > 0)
        {
            text.Append('\n');
            Line("metadata", string.Join(", ", report.Metadata));
        }

        return text.ToString();

        void Line(string name, string value) =>
            text.Append(name.PadRight(10)).Append(TextTable.OneLine(value)).Append('\n');
    }

    public static string AttachmentTable(IEnumerable<AttachmentReport> attachments)
    {
        TextTable table = new("attachment", "media type", ">bytes", "log time");
        foreach (AttachmentReport each in attachments)
            table.Add(each.Name, each.MediaType, Quantities.Count(each.Bytes), TimeText.Iso(each.LogTime));
        return table.ToString();
    }

    private static string TopicTable(IEnumerable<TopicReport> topics)
    {
        TextTable table = new("topic", ">messages", ">Hz", "encoding", "schema");
        foreach (TopicReport each in topics)
        {
            string schema = each.Schema.Length == 0 ? "(none)" : $"{each.Schema} [{each.SchemaEncoding}]";
            table.Add(each.Topic, Quantities.Count(each.Messages), Quantities.Hertz(each.Hz), each.MessageEncoding, schema);
        }

        return table.ToString();
    }
}
