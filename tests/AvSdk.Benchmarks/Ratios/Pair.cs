using System.Diagnostics;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Times two bodies in turn, A B A B …, so that a machine that slows down slows both; the medians are compared.
/// </summary>
internal static class Pair
{
    private const int Rounds = 7;

    /// <summary>Both bodies handle <paramref name="bytes"/> a call. Returns MB/s (10⁶ bytes) of each.</summary>
    public static (double Ours, double Theirs) Throughput(long bytes, Action ours, Action theirs, int rounds = Rounds)
    {
        ours();
        theirs();
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            a[round] = Seconds(ours);
            b[round] = Seconds(theirs);
        }

        return (MegabytesPerSecond(bytes, Median(a)), MegabytesPerSecond(bytes, Median(b)));
    }

    public static double MegabytesPerSecond(long bytes, double seconds) => bytes / seconds / 1e6;

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static double Seconds(Action body)
    {
        long start = Stopwatch.GetTimestamp();
        body();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
