namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Where a file's bytes go, as a person reads it.</summary>
internal static class DiskUseText
{
    public static string Of(DiskUseReport report)
    {
        TextTable topics = new("topic", ">messages", ">payload", ">share", ">in file", ">share of file");
        foreach (TopicUse each in report.Topics)
        {
            topics.Add(each.Topic, Quantities.Count(each.Messages), Quantities.Bytes(each.PayloadBytes),
                Quantities.Share(each.PayloadShare), Quantities.Bytes(each.StoredBytes), Quantities.Share(each.StoredShare));
        }

        TextTable records = new("record", ">count", ">bytes", ">share of file");
        foreach (RecordUse each in report.Records)
        {
            records.Add(each.Kind, Quantities.Count(each.Count), Quantities.Bytes(each.Bytes), Quantities.Share(each.Share));
        }

        return $"{TextTable.OneLine(report.File)}, {Quantities.Bytes(report.Bytes)}\n\n{topics}\n{records}";
    }
}
