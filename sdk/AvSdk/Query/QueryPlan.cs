namespace AvSdk.Query;

/// <summary>What a query would bring, without moving a chunk.</summary>
public sealed record QueryPlan
{
    /// <summary>The gateway's ordinal of the newest stored chunk that the plan saw.</summary>
    public required ulong AsOf { get; init; }

    /// <summary>Stored chunks that hold selected messages.</summary>
    public required ulong StoredChunks { get; init; }

    /// <summary>Their bytes: what reading moves over the network.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>
    /// Messages of the selected topics in those chunks: an upper bound, since chunks at the ends of the time
    /// range also hold messages outside it.
    /// </summary>
    public required ulong MessagesMax { get; init; }

    /// <summary>
    /// Chunks that are announced and still in the vehicles; <see cref="AvQuery.RequestAsync"/> asks for them.
    /// </summary>
    public required ulong AnnouncedChunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong AnnouncedBytes { get; init; }

    /// <summary>The selected topics, in order of topic.</summary>
    public required IReadOnlyList<TopicEntry> Topics { get; init; }

    /// <summary>Patterns of the query that fit no topic of the selected vehicles and recordings.</summary>
    public required IReadOnlyList<string> UnmatchedTopics { get; init; }

    /// <summary>
    /// Where a pattern is unmatched: the topics there are, nearest in spelling first, at most 20.
    /// </summary>
    public required IReadOnlyList<string> KnownTopics { get; init; }
}
