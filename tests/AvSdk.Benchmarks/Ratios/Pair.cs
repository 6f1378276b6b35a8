using System.Diagnostics;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Times two bodies in many short rounds, A B, B A, A B …: what slows the machine for a while slows both sides of a
/// round. The figure is the median of the rounds' ratios; how far the middle half of them lies apart says how much
/// to trust it.
/// </summary>
internal static class Pair
{
    private const int Rounds = 25;

    /// <summary>The length of a round's side that is aimed at; shorter bodies are repeated.</summary>
    private static readonly TimeSpan s_side = TimeSpan.FromMilliseconds(8);

    /// <summary>Both bodies handle <paramref name="bytes"/> a call; figures are MB/s (10⁶ bytes).</summary>
    public static Paired Throughput(long bytes, Action ours, Action theirs, int rounds = Rounds) =>
        Throughput(bytes, ours, theirs, rounds, () => Stopwatch.GetElapsedTime(0).TotalSeconds);

    /// <summary>
    /// The same for bodies that only compute, on the calling thread: by its own clock, so that what else runs on the
    /// machine does not count.
    /// </summary>
    public static Paired Computing(long bytes, Action ours, Action theirs, int rounds = Rounds) =>
        Throughput(bytes, ours, theirs, rounds, () => ThreadClock.Seconds);

    private static Paired Throughput(long bytes, Action ours, Action theirs, int rounds, Func<double> clock)
    {
        int repeats = Repeats(ours, theirs, clock);
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            if (round % 2 == 0)
            {
                a[round] = Seconds(ours, repeats, clock);
                b[round] = Seconds(theirs, repeats, clock);
            }
            else
            {
                b[round] = Seconds(theirs, repeats, clock);
                a[round] = Seconds(ours, repeats, clock);
            }

            ratios[round] = b[round] / a[round];
        }

        Array.Sort(ratios);
        double theirSpeed = MegabytesPerSecond(bytes * repeats, Median(b));
        double ratio = ratios[rounds / 2];
        return new Paired(theirSpeed * ratio, theirSpeed, ratios[rounds / 4], ratios[rounds - 1 - (rounds / 4)]);
    }

    public static double MegabytesPerSecond(long bytes, double seconds) => bytes / seconds / 1e6;

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <summary>Warms both up, long enough for the second tier of the JIT, and finds how often fills a side.</summary>
    private static int Repeats(Action ours, Action theirs, Func<double> clock)
    {
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        double fastest = double.MaxValue;
        do
        {
            fastest = Math.Min(fastest, Math.Min(Seconds(ours, 1, clock), Seconds(theirs, 1, clock)));
            calls++;
        }
        while (calls < 40 && Stopwatch.GetElapsedTime(start) < 10 * s_side);

        return (int)Math.Clamp(s_side.TotalSeconds / fastest, 1, 1000);
    }

    private static double Seconds(Action body, int repeats, Func<double> clock)
    {
        double start = clock();
        for (int i = 0; i < repeats; i++)
            body();
        return clock() - start;
    }
}
