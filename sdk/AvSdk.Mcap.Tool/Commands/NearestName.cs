namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Finds the name that a misspelt one was probably meant to be. The agent compiles this file too.</summary>
internal static class NearestName
{
    /// <summary>The nearest of <paramref name="names"/>; null when none is near.</summary>
    public static string? Find(string misspelt, IEnumerable<string> names)
    {
        string? nearest = null;
        int nearestDistance = int.MaxValue;
        foreach (string name in names)
        {
            int distance = Distance(misspelt.ToUpperInvariant(), name.ToUpperInvariant());
            if (distance < nearestDistance)
                (nearest, nearestDistance) = (name, distance);
        }

        return nearest is not null && nearestDistance <= Math.Max(2, nearest.Length / 3) ? nearest : null;
    }

    // Levenshtein's distance, with a swap of neighbours counted as one (optimal string alignment).
    private static int Distance(string left, string right)
    {
        int[,] costs = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
            costs[i, 0] = i;
        for (int j = 0; j <= right.Length; j++)
            costs[0, j] = j;

        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = costs[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                int cost = Math.Min(replaced, Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1);
                bool isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                costs[i, j] = isSwap ? Math.Min(cost, costs[i - 2, j - 2] + 1) : cost;
            }
        }

        return costs[left.Length, right.Length];
    }
}
