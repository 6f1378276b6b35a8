namespace AvSdk.Recording.Uplink;

/// <summary>
/// When lanes will have nothing left to send, if nothing is added: lanes of more value first, those of one priority by
/// weight. What is marked, asked for or overdue goes before its turn, and is not looked at.
/// </summary>
internal static class TimeToEmpty
{
    /// <summary>One for each lane; null: not known, or never over this link.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <param name="pendingBytes">What each has to send.</param>
    /// <param name="scope">What the link carries.</param>
    /// <param name="bytesPerSecond">How fast; 0: not known.</param>
    /// <param name="bytesLeft">How much its budget has left; null: all it wants.</param>
    public static TimeSpan?[] Of(
        IReadOnlyList<LaneOptions> lanes, IReadOnlyList<long> pendingBytes, UploadScope scope, double bytesPerSecond,
        long? bytesLeft)
    {
        TimeSpan?[] times = new TimeSpan?[lanes.Count];
        double[] left = new double[lanes.Count];
        for (int at = 0; at < left.Length; at++)
        {
            left[at] = pendingBytes[at];
            times[at] = left[at] == 0 ? TimeSpan.Zero : null;
        }

        double sent = 0;
        while (bytesPerSecond > 0 && scope.Marks == UploadScope.What.All)
        {
            int priority = int.MinValue;
            for (int at = 0; at < left.Length; at++)
            {
                if (left[at] > 0 && scope.Carries(lanes[at]))
                    priority = Math.Max(priority, lanes[at].Priority);
            }

            if (priority == int.MinValue)
                break;
            // To the end of the lane of these that is the first to be empty.
            double turns = double.MaxValue;
            for (int at = 0; at < left.Length; at++)
            {
                if (IsNext(at, priority))
                    turns = Math.Min(turns, left[at] / lanes[at].UploadWeight);
            }

            List<int> emptied = [];
            for (int at = 0; at < left.Length; at++)
            {
                if (!IsNext(at, priority))
                    continue;
                double share = turns * lanes[at].UploadWeight;
                sent += share;
                bool isEmpty = left[at] - share < 0.5;
                left[at] = isEmpty ? 0 : left[at] - share;
                if (isEmpty)
                    emptied.Add(at);
            }

            if (sent > (bytesLeft ?? double.MaxValue))
                break;
            foreach (int at in emptied)
                times[at] = TimeSpan.FromSeconds(Math.Min(sent / bytesPerSecond, TimeSpan.FromDays(36_500).TotalSeconds));
        }

        return times;

        bool IsNext(int at, int priority) =>
            left[at] > 0 && lanes[at].Priority == priority && scope.Carries(lanes[at]);
    }
}
