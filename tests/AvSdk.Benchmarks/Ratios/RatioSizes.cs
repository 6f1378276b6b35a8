using System.Globalization;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>How much the longer comparisons handle; small by default, so that they run on a busy machine too.</summary>
internal sealed record RatioSizes
{
    /// <summary>Bytes of messages a side of a round. <c>--bytes</c>.</summary>
    public long Bytes { get; private init; } = 256 << 20;

    /// <summary>Pairs of sides. <c>--rounds</c>.</summary>
    public int Rounds { get; private init; } = 7;

    /// <summary>Bytes of the spool that a restart finds. <c>--spool-bytes</c>.</summary>
    public long SpoolBytes { get; private init; } = 1L << 30;

    /// <summary>Seconds of each measurement that goes by the clock. <c>--seconds</c>.</summary>
    public int Seconds { get; private init; } = 15;

    /// <summary>Whole numbers, or with one of the units <c>M</c> and <c>G</c> (powers of 1024): <c>--spool-bytes 10G</c>.</summary>
    public static RatioSizes Parse(string[] args)
    {
        RatioSizes sizes = new();
        for (int at = 0; at + 1 < args.Length; at++)
        {
            sizes = args[at] switch
            {
                "--bytes" => sizes with { Bytes = Number(args[at + 1]) },
                "--rounds" => sizes with { Rounds = (int)Number(args[at + 1]) },
                "--spool-bytes" => sizes with { SpoolBytes = Number(args[at + 1]) },
                "--seconds" => sizes with { Seconds = (int)Number(args[at + 1]) },
                _ => sizes,
            };
        }

        return sizes;
    }

    private static long Number(string text)
    {
        int shift = text[^1] switch { 'M' => 20, 'G' => 30, _ => 0 };
        return long.Parse(shift == 0 ? text : text[..^1], CultureInfo.InvariantCulture) << shift;
    }
}
