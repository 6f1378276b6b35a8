namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Finds the name that a misspelt one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The nearest of <paramref name="names"/>; null when none is near.</summary>
    public static string? Find(string misspelt, IEnumerable<string> names)
    {
        (string Name, int Distance)? nearest = null;
        foreach (string name in names)
        {
            int distance = Distance(misspelt.ToUpperInvariant(), name.ToUpperInvariant());
            if (nearest is null || distance < nearest.Value.Distance)
                nearest = (name, distance);
        }

        return nearest is { } found && found.Distance <= Math.Max(2, found.Name.Length / 3) ? found.Name : null;
    }

    // Row by row: what it costs to make the beginning of the left word into each beginning of the right one,
    // where a letter too many, too few, another one, or two swapped count one each.
    private static int Distance(string left, string right)
    {
        int[] beforeLast = [];
        int[] last = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int[] row = new int[right.Length + 1];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int other = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(other, 1 + Math.Min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last) = (last, row);
        }

        return last[^1];
    }
}
