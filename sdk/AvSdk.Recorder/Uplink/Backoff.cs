namespace AvSdk.Recording.Uplink;

/// <summary>
/// Exponential, capped, with full jitter: a fleet that lost its gateway does not come back all at once. Where the gateway
/// says when to come back, that and a little more.
/// </summary>
internal sealed class Backoff(UploadOptions options, Random random)
{
    private int _failures;

    /// <summary>The gateway did its work: the next failure is the first again.</summary>
    public void Reset() => Volatile.Write(ref _failures, 0);

    /// <summary>
    /// The wait after one more failure; where trying again soon makes no sense, the longest.
    /// </summary>
    public TimeSpan Next(bool isTransient)
    {
        int failures = Math.Min(Interlocked.Increment(ref _failures), 30);
        double most = options.RetryDelayMax.TotalMilliseconds;
        double limit = isTransient
            ? Math.Min(options.RetryDelay.TotalMilliseconds * Math.Pow(2, failures - 1), most)
            : most;
        return TimeSpan.FromMilliseconds(Math.Max(1, limit * (isTransient ? Chance() : 0.5 + (Chance() / 2))));
    }

    /// <summary>
    /// The wait that the gateway asks for, never less, and up to <see cref="UploadOptions.RetryDelay"/> more: many may have
    /// been told the same. A time beyond <see cref="UploadOptions.RetryAfterMax"/> is not believed and cut to it.
    /// </summary>
    public TimeSpan Told(TimeSpan retryAfter)
    {
        TimeSpan least = retryAfter > options.RetryAfterMax ? options.RetryAfterMax
            : retryAfter < TimeSpan.Zero ? TimeSpan.Zero : retryAfter;
        return least + TimeSpan.FromMilliseconds(Math.Max(1, options.RetryDelay.TotalMilliseconds * Chance()));
    }

    /// <summary>How long no attempt is made after many failed: in the upper half of the longest wait.</summary>
    public TimeSpan Break() => options.RetryDelayMax * (0.5 + (Chance() * 0.49));

    private double Chance()
    {
        lock (random)
            return random.NextDouble();
    }
}
