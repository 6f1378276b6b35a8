using System.Globalization;

namespace AvSdk.Gateway.Web;

/// <summary>Times in links: nanoseconds since 1970, or RFC 3339 with up to nine digits of a second.</summary>
internal static class WebTime
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>False: it is neither, or before 1970.</summary>
    public static bool TryParse(string text, out ulong nanoseconds)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds);
        return TryParseRfc3339(text, out nanoseconds);
    }

    private static bool TryParseRfc3339(string text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length < 20)
            return false;

        // In a query string an unescaped plus arrives as a space.
        text = text[..^6] + text[^6..].Replace(' ', '+');
        int zone = text.IndexOfAny(['Z', 'z', '+', '-'], 19);
        if (zone < 0 || !TryParseFraction(text[19..zone], out long fraction))
            return false;
        string withoutFraction = text[..19] + text[zone..].ToUpperInvariant();
        if (!DateTimeOffset.TryParseExact(
                withoutFraction, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            || time < DateTimeOffset.UnixEpoch)
        {
            return false;
        }

        nanoseconds = ((ulong)time.ToUnixTimeSeconds() * NanosecondsPerSecond) + (ulong)fraction;
        return true;
    }

    private static bool TryParseFraction(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length == 0)
            return true;
        return text[0] == '.' && text.Length is >= 2 and <= 10 && text[1..].All(char.IsAsciiDigit)
            && long.TryParse(text[1..].PadRight(9, '0'), CultureInfo.InvariantCulture, out nanoseconds);
    }
}
