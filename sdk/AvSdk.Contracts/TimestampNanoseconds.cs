using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Contracts;

/// <summary>
/// Between the nanoseconds of MCAP and the seconds and nanoseconds of protobuf; exact both ways.
/// </summary>
public static class TimestampNanoseconds
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The time as protobuf has it.</summary>
    /// <param name="nanoseconds">Since 1970-01-01T00:00:00Z; any value.</param>
    public static Timestamp ToTimestamp(ulong nanoseconds) => new()
    {
        Seconds = (long)(nanoseconds / NanosecondsPerSecond),
        Nanos = (int)(nanoseconds % NanosecondsPerSecond),
    };

    /// <summary>The time as MCAP has it: nanoseconds since 1970-01-01T00:00:00Z.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Before 1970, after 2554, or not normalised.</exception>
    public static ulong FromTimestamp(Timestamp timestamp)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        if (timestamp.Seconds < 0 || timestamp.Nanos is < 0 or >= (int)NanosecondsPerSecond)
            throw OutOfRange(timestamp);
        UInt128 nanoseconds =
            ((UInt128)(ulong)timestamp.Seconds * NanosecondsPerSecond) + (uint)timestamp.Nanos;
        return nanoseconds <= ulong.MaxValue ? (ulong)nanoseconds : throw OutOfRange(timestamp);
    }

    private static ArgumentOutOfRangeException OutOfRange(Timestamp timestamp) => new(
        nameof(timestamp), $"{timestamp.Seconds} s {timestamp.Nanos} ns is not a time from 1970 to 2554.");
}
