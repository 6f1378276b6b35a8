using AvSdk.Contracts;

namespace AvSdk.Recording.Inspection;

/// <summary>What of a spool is wanted. Default: everything.</summary>
public sealed record SpoolExportSelection
{
    /// <summary>One recording. Default: all.</summary>
    public Guid? RecordingId { get; init; }

    /// <summary>Messages from this log time on, ns since 1970, inclusive. Default: 0.</summary>
    public ulong From { get; init; }

    /// <summary>Messages before this log time, ns since 1970. Default: null, no limit.</summary>
    public ulong? To { get; init; }

    /// <summary>Topics, or globs as in <see cref="LaneRule.Topics"/>. Default: empty, all of them.</summary>
    public IReadOnlyCollection<string> Topics { get; init; } = [];

    internal bool Wants(string topic) => Topics.Count == 0 || TopicGlob.FitsAny(Topics, topic);

    internal bool Wants(ulong logTime) => logTime >= From && (To is not { } to || logTime < to);

    internal bool Touches(ulong first, ulong last) => last >= From && (To is not { } to || first < to);
}
