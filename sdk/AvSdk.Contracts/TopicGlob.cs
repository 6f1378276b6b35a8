namespace AvSdk.Contracts;

/// <summary>
/// Patterns of topics, as <c>Selection.topics</c> (query.proto) and lane rules take them: <c>*</c> is any run of
/// characters but '/', <c>**</c> any run, <c>?</c> one character; everything else is itself. Case counts.
/// </summary>
public static class TopicGlob
{
    /// <summary>True if a pattern can fit more than the one topic that it spells.</summary>
    public static bool IsGlob(string pattern) => pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>True if one of the patterns fits, or if there is none.</summary>
    public static bool FitsAny(IReadOnlyCollection<string> patterns, string topic)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        return patterns.Count == 0 || patterns.Any(pattern => Fits(pattern, topic));
    }

    /// <summary>
    /// True if the pattern fits the whole topic. Takes time of the pattern's length times the topic's, whatever the
    /// pattern.
    /// </summary>
    public static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> topic)
    {
        // reachable[i]: the pattern so far fits the first i characters of the topic.
        Span<bool> reachable = topic.Length < 256 ? stackalloc bool[topic.Length + 1] : new bool[topic.Length + 1];
        reachable.Clear();
        reachable[0] = true;
        for (int at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] != '*')
            {
                StepOverCharacter(pattern[at], topic, reachable);
                continue;
            }

            bool crossesSlash = at + 1 < pattern.Length && pattern[at + 1] == '*';
            while (at + 1 < pattern.Length && pattern[at + 1] == '*')
                at++;
            for (int i = 1; i < reachable.Length; i++)
                reachable[i] |= reachable[i - 1] && (crossesSlash || topic[i - 1] != '/');
        }

        return reachable[^1];
    }

    private static void StepOverCharacter(char expected, ReadOnlySpan<char> topic, Span<bool> reachable)
    {
        for (int i = topic.Length; i > 0; i--)
            reachable[i] = reachable[i - 1] && (expected == '?' || topic[i - 1] == expected);
        reachable[0] = false;
    }
}
