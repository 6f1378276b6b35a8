using AvSdk.Recording;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>lanes</c> and <c>laneRules</c> arrays.</summary>
internal static class LaneReader
{
    private enum Promise
    {
        Memory,
        Interval,
        Sync,
    }

    /// <summary>Null: the recorder's own lanes.</summary>
    public static IReadOnlyList<LaneOptions>? ReadLanes(ConfigurationSection root) =>
        root.Sections("lanes")?.Select(ReadLane).ToList();

    public static IReadOnlyList<LaneRule>? ReadRules(ConfigurationSection root) =>
        root.Sections("laneRules")?.Select(ReadRule).ToList();

    private static LaneRule ReadRule(ConfigurationSection section)
    {
        LaneRule rule = new(
            section.Text("topics", "/camera/*", isRequired: true) ?? "",
            section.Text("lane", "sensors", isRequired: true) ?? "",
            section.Text("group", "wheels"));
        section.Done();
        return rule;
    }

    private static LaneOptions ReadLane(ConfigurationSection section)
    {
        LaneOptions lane = new() { Name = section.Text("name", "sensors", isRequired: true) ?? "" };
        bool? deletes = section.Flag("deleteAfterReceipt");
        TimeSpan? keeps = section.Duration("keepAfterReceipt", "2 h");
        lane = lane with
        {
            Priority = section.Integer("priority") ?? lane.Priority,
            UploadWeight = section.Integer("uploadWeight") ?? lane.UploadWeight,
            UploadDeadline = section.Duration("uploadDeadline", "1 h") ?? lane.UploadDeadline,
            UploadOrder = section.Choice("uploadOrder", isRequired: false,
                ("oldestFirst", UploadOrder.OldestFirst), ("newestFirst", UploadOrder.NewestFirst)) ?? lane.UploadOrder,
            Durability = ReadDurability(section) ?? lane.Durability,
            ChunkBytes = section.SmallSize("chunkBytes", "4 MiB") ?? lane.ChunkBytes,
            ChunkWindow = section.Duration("chunkWindow", "1 s") ?? lane.ChunkWindow,
            SegmentBytesMax = section.Size("segmentBytesMax", "64 MiB") ?? lane.SegmentBytesMax,
            SegmentAgeMax = section.Duration("segmentAgeMax", "60 s") ?? lane.SegmentAgeMax,
            QuotaBytes = section.Size("quotaBytes", "8 GiB") ?? lane.QuotaBytes,
            WhenFull = section.Choice("whenFull", isRequired: false,
                ("refuse", WhenFull.Refuse), ("evictOldest", WhenFull.EvictOldest), ("thin", WhenFull.Thin))
                ?? lane.WhenFull,
            AgeMax = section.Duration("ageMax", "7 d") ?? lane.AgeMax,
            FreeBytesMin = section.Size("freeBytesMin", "10 GiB") ?? lane.FreeBytesMin,
            DeleteAfterReceipt = deletes ?? lane.DeleteAfterReceipt,
            KeepAfterReceipt = keeps ?? lane.KeepAfterReceipt,
            LargeMessageBytes = section.SmallSize("largeMessageBytes", "256 KiB") ?? lane.LargeMessageBytes,
            LargeChannelBytesPerSecond =
                section.SmallSize("largeChannelBytesPerSecond", "1 MiB") ?? lane.LargeChannelBytesPerSecond,
        };
        section.Done();

        if (deletes == false && keeps is not null)
            section.Problems.Add(section.PathOf("keepAfterReceipt"), keeps.Value.ToString(),
                "Has a meaning only with deleteAfterReceipt true: remove one of the two.");
        return lane;
    }

    private static LaneDurability? ReadDurability(ConfigurationSection section)
    {
        Promise? promise = section.Choice("durability", isRequired: false,
            ("memory", Promise.Memory), ("interval", Promise.Interval), ("sync", Promise.Sync));
        string intervalKey = section.PathOf("flushInterval");
        TimeSpan? interval = section.Duration("flushInterval", "200 ms");

        if (promise is Promise.Memory or Promise.Sync && interval is not null)
            section.Problems.Add(intervalKey, interval.Value.ToString(),
                "Has a meaning only with durability \"interval\": remove it, or change durability.");
        if (promise == Promise.Interval && interval is null && !section.Problems.HasKey(intervalKey))
            section.Problems.AddMissing(intervalKey,
                "durability \"interval\" needs the window that a power cut may cost, such as \"200 ms\".");

        return promise switch
        {
            Promise.Memory => LaneDurability.Memory,
            Promise.Sync => LaneDurability.Sync,
            _ => interval is null ? null : LaneDurability.Interval(interval.Value),
        };
    }
}
