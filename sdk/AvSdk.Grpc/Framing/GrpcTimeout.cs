using System.Globalization;

namespace AvSdk.Grpc.Framing;

/// <summary>
/// The value of <c>grpc-timeout</c>: one to eight digits and a unit, one of <c>H M S m u n</c>.
/// </summary>
internal static class GrpcTimeout
{
    public const string HeaderName = "grpc-timeout";
    private const long ValueMax = 99_999_999;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>
    /// In the finest unit that fits, rounded up, so that the server never gives up before the client.
    /// </summary>
    public static string Format(TimeSpan timeout)
    {
        long ticks = Math.Max(timeout.Ticks, 0);
        foreach ((char unit, long ticksPerUnit) in Units)
        {
            long value = (ticks / ticksPerUnit) + (ticks % ticksPerUnit == 0 ? 0 : 1);
            if (value <= ValueMax)
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{ValueMax}H");
    }

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = TimeSpan.Zero;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((value + 99) / 100);
            return true;
        }

        foreach ((char unit, long ticksPerUnit) in Units)
        {
            if (unit == text[^1])
            {
                timeout = TimeSpan.FromTicks(value * ticksPerUnit);
                return true;
            }
        }

        return false;
    }
}
