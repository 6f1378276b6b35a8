using System.Globalization;

namespace AvSdk.Grpc.Framing;

/// <summary>When a server wants to be called again: <c>grpc-retry-pushback-ms</c> (gRFC A6, "Pushback").</summary>
internal static class RetryPushback
{
    public const string Name = "grpc-retry-pushback-ms";

    public static string Format(TimeSpan pushback) => pushback < TimeSpan.Zero
        ? "-1"
        : ((long)Math.Min(Math.Ceiling(pushback.TotalMilliseconds), int.MaxValue)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Null: nothing was said. What is no number means never, as a negative one does.</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Timeout.InfiniteTimeSpan;
    }
}
