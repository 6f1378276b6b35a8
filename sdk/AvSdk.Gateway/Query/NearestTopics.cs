namespace AvSdk.Gateway.Query;

/// <summary>Which topics somebody may have meant.</summary>
internal static class NearestTopics
{
    public const int TopicsMax = 20;

    /// <summary>
    /// At most <see cref="TopicsMax"/>, those with the fewest edits to one of the patterns first.
    /// </summary>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> patterns, IReadOnlyList<string> topics) =>
    [
        .. topics
            .Select(topic => (Topic: topic, Edits: patterns.Min(pattern => Edits(pattern, topic))))
            .OrderBy(near => near.Edits).ThenBy(near => near.Topic, StringComparer.Ordinal)
            .Take(TopicsMax)
            .Select(near => near.Topic),
    ];

    /// <summary>Insertions, deletions and replacements of one character (Levenshtein).</summary>
    public static int Edits(string from, string to)
    {
        int[] row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++)
            row[j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replace = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[to.Length];
    }
}
