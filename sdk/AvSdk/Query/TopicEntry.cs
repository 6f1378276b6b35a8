namespace AvSdk.Query;

/// <summary>A topic of a selection.</summary>
public sealed record TopicEntry
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>For example <c>foxglove.CompressedImage</c>; empty where it has no schema.</summary>
    public required string SchemaName { get; init; }

    /// <summary>For example <c>protobuf</c>; empty where it has no schema.</summary>
    public required string SchemaEncoding { get; init; }

    /// <summary>How payloads are encoded.</summary>
    public required string MessageEncoding { get; init; }

    /// <summary>The lane that it is recorded in.</summary>
    public required string Lane { get; init; }

    /// <summary>Messages in the stored chunks of the selection, an upper bound.</summary>
    public required ulong Messages { get; init; }

    /// <summary>Bytes of their payloads, before compression.</summary>
    public required ulong PayloadBytes { get; init; }

    /// <summary>The earliest log time of the chunks that hold it, ns.</summary>
    public required ulong FirstLogTime { get; init; }

    /// <summary>The latest log time of the chunks that hold it, ns, inclusive.</summary>
    public required ulong LastLogTime { get; init; }

    /// <summary>Messages in announced chunks that are still in the vehicles.</summary>
    public required ulong AnnouncedMessages { get; init; }
}
