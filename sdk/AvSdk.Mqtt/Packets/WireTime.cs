namespace AvSdk.Mqtt.Packets;

/// <summary>Times on the wire: whole seconds, and the largest number for "never".</summary>
internal static class WireTime
{
    private const uint Never = uint.MaxValue;

    /// <summary>Rounded up, so that nothing expires early; infinite, or too long to say: never.</summary>
    public static uint Seconds(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
            return Never;
        double seconds = Math.Ceiling(time.TotalSeconds);
        return seconds >= Never ? Never : (uint)Math.Max(0, seconds);
    }

    public static TimeSpan FromSeconds(uint seconds)
        => seconds == Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds((double)seconds);
}
