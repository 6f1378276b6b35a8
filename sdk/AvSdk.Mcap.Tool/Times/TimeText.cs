using System.Globalization;

namespace AvSdk.Mcap.Tool.Times;

/// <summary>Times and durations as a person reads them; ns since 1970, all nine digits kept.</summary>
internal static class TimeText
{
    /// <summary>For example <c>2018-08-02T16:14:48.397000000Z</c>.</summary>
    public static string Iso(ulong nanoseconds)
    {
        DateTime time = DateTime.UnixEpoch.AddTicks((long)(nanoseconds / TimeBound.NanosecondsPerTick));
        string toTheTick = time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        ulong rest = nanoseconds % TimeBound.NanosecondsPerTick;
        return string.Create(CultureInfo.InvariantCulture, $"{toTheTick}{rest:00}Z");
    }

    /// <summary>For example <c>60.030 s</c>, or <c>1 h 02 min 03 s</c>.</summary>
    public static string Duration(ulong nanoseconds)
    {
        TimeSpan span = TimeSpan.FromTicks((long)(nanoseconds / TimeBound.NanosecondsPerTick));
        if (span < TimeSpan.FromMinutes(2))
            return string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.000} s");
        return span < TimeSpan.FromHours(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min {span.Seconds:00} s");
    }
}
