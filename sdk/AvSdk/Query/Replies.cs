using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>The gateway's words in the client's types.</summary>
internal static class Replies
{
    public static QueryPlan ToPlan(V1.QueryPlan plan) => new()
    {
        AsOf = plan.AsOf,
        StoredChunks = plan.StoredChunks,
        StoredBytes = plan.StoredBytes,
        MessagesMax = plan.MessagesMax,
        AnnouncedChunks = plan.AnnouncedChunks,
        AnnouncedBytes = plan.AnnouncedBytes,
        Topics = [.. plan.Topics.Select(ToTopic)],
        UnmatchedTopics = [.. plan.UnmatchedTopics],
        KnownTopics = [.. plan.KnownTopics],
    };

    public static TopicEntry ToTopic(V1.TopicSummary topic) => new()
    {
        Topic = topic.Topic,
        SchemaName = topic.SchemaName,
        SchemaEncoding = topic.SchemaEncoding,
        MessageEncoding = topic.MessageEncoding,
        Lane = topic.Lane,
        Messages = topic.Messages,
        PayloadBytes = topic.PayloadBytes,
        FirstLogTime = topic.FirstLogTime,
        LastLogTime = topic.LastLogTime,
        AnnouncedMessages = topic.AnnouncedMessages,
    };

    public static VehicleEntry ToVehicle(V1.VehicleSummary vehicle) => new()
    {
        VehicleId = vehicle.VehicleId,
        Recordings = vehicle.Recordings,
        StoredChunks = vehicle.StoredChunks,
        StoredBytes = vehicle.StoredBytes,
        AnnouncedChunks = vehicle.AnnouncedChunks,
        AnnouncedBytes = vehicle.AnnouncedBytes,
        LastSeen = vehicle.LastSeen == 0 ? null : UnixNanoseconds.ToDateTimeOffset(vehicle.LastSeen),
        Connected = vehicle.Connected,
    };

    public static RecordingEntry ToRecording(V1.RecordingSummary summary)
    {
        V1.RecordingInfo info = summary.Recording ?? new V1.RecordingInfo();
        return new RecordingEntry
        {
            RecordingId = RecordingIds.Parse(info.RecordingId),
            VehicleId = info.VehicleId,
            StartedAt = info.StartedAt,
            Recorder = info.Recorder,
            Labels = info.Labels.ToDictionary(),
            FirstLogTime = summary.FirstLogTime,
            LastLogTime = summary.LastLogTime,
            StoredChunks = summary.StoredChunks,
            StoredBytes = summary.StoredBytes,
            AnnouncedChunks = summary.AnnouncedChunks,
            AnnouncedBytes = summary.AnnouncedBytes,
            Messages = summary.Messages,
            Ending = summary.End is { } end ? ToEnding(end) : null,
        };
    }

    public static CoverageEntry ToCoverage(V1.CoverageRange range) => new(
        range.VehicleId, RecordingIds.Parse(range.RecordingId), range.Lane, range.FirstLogTime,
        range.LastLogTime, range.FirstSequence, range.LastSequence, range.Stored);

    public static RecordingLedger ToLedger(V1.LedgerReport report)
    {
        V1.RecordingInfo info = report.Recording ?? new V1.RecordingInfo();
        return new RecordingLedger
        {
            RecordingId = RecordingIds.Parse(info.RecordingId),
            VehicleId = info.VehicleId,
            Presence = report.Presence switch
            {
                V1.LedgerReport.Types.Presence.Open => LedgerPresence.Open,
                V1.LedgerReport.Types.Presence.Ended => LedgerPresence.Ended,
                _ => LedgerPresence.Absent,
            },
            IsComplete = report.IsComplete,
            Orderly = report.Orderly,
            ToldAt = report.ToldAt,
            Topics = [.. report.Topics.Select(ToLedgerTopic)],
            Lanes = [.. report.Lanes.Select(static lane => new LedgerLane(
                lane.Lane, lane.LastSequence, lane.DeliveredChunks, lane.PendingChunks, lane.EvictedChunks,
                lane.DamagedChunks, lane.MissingAtGatewayChunks, lane.UnannouncedChunks))],
            Parts = [.. report.Parts.Select(static part => new LedgerChainPart(
                part.Part, part.Entries, part.HeadSha256.Memory, part.Reason, part.Refused, part.SignedThrough,
                part.KeySha256.Memory))],
            Disagreements = [.. report.Disagreements.Select(static each => new LedgerDisagreementEntry(
                each.Kind, each.Lane, each.FirstSequence, each.LastSequence, each.Detail))],
        };
    }

    private static LedgerTopic ToLedgerTopic(V1.LedgerTopicReport topic) => new()
    {
        Topic = topic.Topic,
        Lane = topic.Lane,
        Offered = topic.Offered,
        Delivered = topic.Delivered,
        Pending = topic.Pending,
        Evicted = topic.Evicted,
        Damaged = topic.Damaged,
        Dropped = topic.Dropped,
        MissingAtGateway = topic.MissingAtGateway,
        Unannounced = topic.Unannounced,
        Reasons = [.. topic.Reasons.Select(static reason => new LedgerReasonCount(
            reason.End, reason.Reason, reason.Messages))],
        Missing = [.. topic.Missing.Select(static missing => new MissingStretch(
            missing.FirstLogTime, missing.LastLogTime == 0 ? null : missing.LastLogTime, missing.End, missing.Reason,
            missing.Messages == 0 ? null : missing.Messages))],
    };

    private static RecordingEnding ToEnding(V1.RecordingEnd end) => new(
        end.EndedAt, end.Orderly, end.Losses.Aggregate(0UL, static (sum, loss) => sum + loss.Messages));
}
