namespace AvSdk;

/// <summary>Nanoseconds since 1970-01-01T00:00:00Z, as MCAP counts time, and .NET's own time type.</summary>
public static class UnixNanoseconds
{
    private const ulong NanosecondsPerTick = 100;

    /// <summary>The nanoseconds of a time; exact, since .NET counts in 100 ns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static ulong From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        ArgumentOutOfRangeException.ThrowIfNegative(ticks, nameof(time));
        return (ulong)ticks * NanosecondsPerTick;
    }

    /// <summary>The time of a nanosecond count, rounded down to 100 ns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">After the year 9999.</exception>
    public static DateTimeOffset ToDateTimeOffset(ulong nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / NanosecondsPerTick));
}
