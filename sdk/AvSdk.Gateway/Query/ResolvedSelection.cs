using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Query;

/// <summary>A selection with its globs resolved against the topics that there are.</summary>
/// <param name="Chunks">In exact terms.</param>
/// <param name="UnmatchedTopics">Patterns that fit no topic of the selected vehicles and recordings.</param>
/// <param name="KnownTopics">
/// Where there are such patterns: topics there are, nearest in spelling first.
/// </param>
internal sealed record ResolvedSelection(
    ChunkSelection Chunks, IReadOnlyList<string> UnmatchedTopics, IReadOnlyList<string> KnownTopics)
{
    /// <summary>Throws where topics were named and not one of them exists.</summary>
    public ResolvedSelection RequireTopics()
    {
        if (Chunks.Topics is not { Count: 0 })
            return this;
        string known = KnownTopics.Count == 0
            ? "There are no topics in the selected vehicles and recordings."
            : $"Did you mean {string.Join(", ", KnownTopics.Take(5))}?";
        throw new QueryRefusal(
            QueryRefusalKind.NotFound, $"No topic fits {string.Join(", ", UnmatchedTopics)}. {known}");
    }
}
