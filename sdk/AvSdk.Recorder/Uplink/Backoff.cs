namespace AvSdk.Recording.Uplink;

/// <summary>
/// Exponential, capped, with full jitter: a fleet that lost its gateway does not come back all at once.
/// </summary>
internal sealed class Backoff(UploadOptions options, Random random)
{
    private int _failures;

    /// <summary>Something went well: the next failure is the first again.</summary>
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
        double jitter;
        lock (random)
            jitter = random.NextDouble();
        return TimeSpan.FromMilliseconds(Math.Max(1, limit * (isTransient ? jitter : 0.5 + (jitter / 2))));
    }
}
