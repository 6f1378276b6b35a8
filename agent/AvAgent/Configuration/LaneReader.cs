namespace AvSdk.Agent.Configuration;

/// <summary>The <c>lanes</c> and <c>laneRules</c> arrays.</summary>
internal static class LaneReader
{
    public static IReadOnlyList<LaneConfiguration>? ReadLanes(ConfigurationSection root)
    {
        IReadOnlyList<ConfigurationSection>? sections = root.Sections("lanes");
        if (sections is null)
            return null;

        List<LaneConfiguration> lanes = [];
        foreach (ConfigurationSection section in sections)
        {
            LaneConfiguration lane = ReadLane(section);
            if (lane.Name.Length > 0 && lanes.Exists(other => other.Name == lane.Name))
                root.Problems.Add(section.PathOf("name"), ConfigurationSection.Quote(lane.Name),
                    "Another lane has this name: rename or remove one.");
            lanes.Add(lane);
        }

        if (sections.Count == 0)
            root.Problems.Add("lanes", "[]", "Give at least one lane, or leave the key out for the default lanes.");
        return lanes;
    }

    public static IReadOnlyList<LaneRuleConfiguration>? ReadRules(ConfigurationSection root)
    {
        IReadOnlyList<ConfigurationSection>? sections = root.Sections("laneRules");
        if (sections is null)
            return null;

        List<LaneRuleConfiguration> rules = [];
        foreach (ConfigurationSection section in sections)
        {
            string? topic = section.Text("topic", "/camera/*", isRequired: true);
            string? lane = section.Text("lane", "sensors", isRequired: true);
            section.Done();
            rules.Add(new(topic ?? "", lane ?? ""));
        }

        return rules;
    }

    private static LaneConfiguration ReadLane(ConfigurationSection section)
    {
        LaneConfiguration lane = new()
        {
            Name = section.Text("name", "sensors", isRequired: true) ?? "",
            Durability = section.Choice("durability", isRequired: false,
                ("memory", LaneDurabilityKind.Memory), ("interval", LaneDurabilityKind.Interval),
                ("sync", LaneDurabilityKind.Sync)),
            FlushInterval = section.Duration("flushInterval", "200 ms"),
            ChunkBytes = section.Size("chunkSize", "4 MiB"),
            ChunkWindow = section.Duration("chunkWindow", "1 s"),
            SegmentBytesMax = section.Size("segmentSize", "64 MiB"),
            SegmentAgeMax = section.Duration("segmentAge", "10 min"),
            QuotaBytes = section.Size("quota", "10 GiB"),
            WhenFull = section.Choice("whenFull", isRequired: false,
                ("refuse", LaneFullPolicy.Refuse), ("evictOldest", LaneFullPolicy.EvictOldest)),
            Priority = section.Integer("priority", 0, 1000),
            DeleteAfterReceipt = section.Flag("deleteAfterReceipt"),
            KeepAfterReceipt = section.Duration("keepAfterReceipt", "2 h"),
        };
        section.Done();
        NoteContradictions(section, lane);
        return lane;
    }

    private static void NoteContradictions(ConfigurationSection section, LaneConfiguration lane)
    {
        if (lane.Durability == LaneDurabilityKind.Interval && lane.FlushInterval is null
            && !section.Problems.HasKey(section.PathOf("flushInterval")))
            section.Problems.AddMissing(section.PathOf("flushInterval"),
                "durability \"interval\" needs the window that a power cut may cost, such as \"200 ms\".");
        if (lane.Durability is LaneDurabilityKind.Memory or LaneDurabilityKind.Sync && lane.FlushInterval is not null)
            section.Problems.Add(section.PathOf("flushInterval"), lane.FlushInterval.Value.ToString(),
                "Has a meaning only with durability \"interval\": remove it, or change durability.");
        if (lane.DeleteAfterReceipt == false && lane.KeepAfterReceipt is not null)
            section.Problems.Add(section.PathOf("keepAfterReceipt"), lane.KeepAfterReceipt.Value.ToString(),
                "Has a meaning only with deleteAfterReceipt true: remove one of the two.");
    }
}
