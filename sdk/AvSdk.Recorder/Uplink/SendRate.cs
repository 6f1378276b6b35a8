namespace AvSdk.Recording.Uplink;

/// <summary>Bytes a second, over the last minute. Safe for any number of threads.</summary>
internal sealed class SendRate(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock _gate = new();
    private readonly long[] _bytes = new long[Seconds];
    private readonly long _startedAt = time.GetTimestamp();
    private long _second;
    private long _first = -1;

    public void Add(long bytes)
    {
        lock (_gate)
        {
            Advance();
            if (_first < 0)
                _first = _second;
            _bytes[_second % Seconds] += bytes;
        }
    }

    /// <summary>0: nothing was sent.</summary>
    public double BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                Advance();
                long sum = 0;
                foreach (long bytes in _bytes)
                    sum += bytes;
                if (sum == 0)
                    _first = -1;
                return sum == 0 ? 0 : (double)sum / Math.Clamp(_second - _first + 1, 1, Seconds);
            }
        }
    }

    private void Advance()
    {
        long now = (long)time.GetElapsedTime(_startedAt).TotalSeconds;
        if (now - _second >= Seconds)
            Array.Clear(_bytes);
        for (long at = Math.Max(_second + 1, now - Seconds + 1); at <= now; at++)
            _bytes[at % Seconds] = 0;
        _second = Math.Max(_second, now);
    }
}
