using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AvSdk.Mcap.Tool.Times;

/// <summary>
/// A time as it is given on the command line: ISO 8601 (UTC unless it names a zone), ns since 1970 in digits,
/// <c>+10s</c> from the file's start, or <c>-10s</c> from its end.
/// </summary>
internal readonly partial record struct TimeBound(TimeBound.Anchor From, ulong Nanoseconds)
{
    public const ulong NanosecondsPerTick = 100;

    public const string Forms = "2018-08-02T16:14:50.5Z, 1533226490500000000, +10s or -500ms";

    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    public enum Anchor
    {
        Epoch,
        Start,
        End,
    }

    public static bool TryParse(string text, out TimeBound bound)
    {
        bound = default;
        if (text.Length == 0)
            return false;
        if (text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        {
            bool fits = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong digits);
            bound = new TimeBound(Anchor.Epoch, digits);
            return fits;
        }

        if (text[0] is '+' or '-')
        {
            bound = new TimeBound(text[0] == '+' ? Anchor.Start : Anchor.End, 0);
            if (!TryParseDuration(text.AsSpan(1), out ulong duration))
                return false;
            bound = bound with { Nanoseconds = duration };
            return true;
        }

        return TryParseIso(text, out bound);
    }

    /// <summary>The time that it means in a file of these bounds, ns since 1970; held within 0 to the largest.</summary>
    public ulong Resolve(ulong start, ulong end) => From switch
    {
        Anchor.Epoch => Nanoseconds,
        Anchor.Start => start > ulong.MaxValue - Nanoseconds ? ulong.MaxValue : start + Nanoseconds,
        _ => end < Nanoseconds ? 0 : end - Nanoseconds,
    };

    private static bool TryParseDuration(ReadOnlySpan<char> text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        int unitAt = text.IndexOfAnyExcept(s_number);
        decimal factor = unitAt < 0 ? 0 : text[unitAt..] switch
        {
            "ns" => 1m,
            "us" => 1e3m,
            "ms" => 1e6m,
            "s" => 1e9m,
            "m" or "min" => 60e9m,
            "h" => 3600e9m,
            _ => 0,
        };
        if (factor == 0 || !decimal.TryParse(
            text[..unitAt], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || value >= ulong.MaxValue / factor)
        {
            return false;
        }

        nanoseconds = (ulong)(value * factor);
        return true;
    }

    // The framework reads seven digits of a fraction; the two behind them are added.
    private static bool TryParseIso(string text, out TimeBound bound)
    {
        bound = default;
        Match match = IsoTime().Match(text);
        if (!match.Success)
            return false;
        string fraction = match.Groups["fraction"].Value.PadRight(9, '0');
        string zone = match.Groups["zone"].Value is { Length: > 0 } named ? named : "Z";
        string seconds = match.Groups["seconds"].Value is { Length: > 0 } given ? given : "T00:00:00";
        if (!DateTimeOffset.TryParse(match.Groups["day"].Value + seconds + zone, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return false;
        }

        long ticks = time.UtcTicks - DateTime.UnixEpoch.Ticks;
        if (ticks < 0 || (ulong)ticks >= ulong.MaxValue / NanosecondsPerTick)
            return false;
        ulong rest = ulong.Parse(fraction, NumberStyles.None, CultureInfo.InvariantCulture);
        bound = new TimeBound(Anchor.Epoch, ((ulong)ticks * NanosecondsPerTick) + rest);
        return true;
    }

    [GeneratedRegex(
        @"^(?<day>\d{4}-\d\d-\d\d)(?:(?<seconds>[T ]\d\d:\d\d(?::\d\d)?)(?:\.(?<fraction>\d{1,9}))?)?"
        + @"(?<zone>Z|[+-]\d\d:\d\d)?$")]
    private static partial Regex IsoTime();
}
