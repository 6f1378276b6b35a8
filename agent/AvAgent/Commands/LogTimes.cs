using System.CommandLine;
using System.Globalization;

namespace AvSdk.Agent.Commands;

/// <summary>Log times on the command line: <c>2026-11-21T08:00:00Z</c>, or ns since 1970.</summary>
internal static class LogTimes
{
    public static Option<DateTimeOffset?> Option(string name, string description) => new(name)
    {
        Description = description + ": 2026-11-21T08:00:00Z, or ns since 1970.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (result.Tokens is not [{ Value: string text }])
                return null;
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong ns) && ns < long.MaxValue)
                return DateTimeOffset.UnixEpoch.AddTicks((long)(ns / 100));
            if (DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
                return time;
            result.AddError($"{name}: expected a time such as 2026-11-21T08:00:00Z, or ns since 1970.");
            return null;
        },
    };

    /// <summary>Ns since 1970.</summary>
    public static ulong? Nanoseconds(DateTimeOffset? time) =>
        time is { } at ? (ulong)Math.Max(0, (at - DateTimeOffset.UnixEpoch).Ticks) * 100 : null;

    /// <summary>For people, to the millisecond.</summary>
    public static string Text(ulong ns) => DateTimeOffset.UnixEpoch.AddTicks((long)(ns / 100))
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
