using System.Globalization;

namespace AvSdk.Agent.Configuration;

/// <summary>Sizes and durations as people write them: <c>"64 MiB"</c>, <c>"250 ms"</c>.</summary>
internal static class Quantity
{
    private static readonly (string Unit, double Factor)[] SizeUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    private static readonly (string Unit, double Factor)[] DurationUnits =
    [
        ("us", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1), ("h", 3600), ("d", 86400),
    ];

    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (!TryParse(text, SizeUnits, out double value) || value > long.MaxValue / 2)
            return false;
        bytes = (long)Math.Round(value);
        return true;
    }

    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TryParse(text, DurationUnits, out double seconds)
            || seconds > TimeSpan.MaxValue.TotalSeconds / 2)
            return false;
        duration = TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    private static bool TryParse(string text, (string Unit, double Factor)[] units, out double value)
    {
        foreach ((string unit, double factor) in units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            ReadOnlySpan<char> number = text.AsSpan(0, text.Length - unit.Length).TrimEnd();
            if (double.TryParse(
                number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
            {
                value *= factor;
                return true;
            }
        }

        value = 0;
        return false;
    }
}
