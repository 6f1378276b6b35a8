namespace AvSdk.Recording.Live;

/// <summary>
/// Copies a channel's newest message, at most so often. One that nobody took yet makes way for the next. The channel
/// offers under its gate; one other thread takes.
/// </summary>
internal sealed class LiveTap(ChannelSpec channel, LiveRule rule, TimeProvider time, Action taken)
{
    private readonly Lock _gate = new();
    private readonly long _interval = Math.Max(1, (long)(time.TimestampFrequency / rule.RateMax));
    private long _nextAt = long.MinValue;
    private byte[] _buffer = [];
    private int _bytes = -1;
    private MessageStamp _stamp;

    public LiveRule Rule => rule;

    public void Offer(in MessageStamp stamp, ReadOnlySpan<byte> payload)
    {
        long now = time.GetTimestamp();
        if (now < _nextAt || payload.Length > rule.MessageBytesMax)
            return;
        _nextAt = now + _interval;
        lock (_gate)
        {
            if (_buffer.Length < payload.Length)
                _buffer = new byte[Math.Min(rule.MessageBytesMax, 2 * payload.Length)];
            payload.CopyTo(_buffer);
            _bytes = payload.Length;
            _stamp = stamp;
        }

        taken();
    }

    /// <summary>
    /// What was offered last, if it was not taken. Its memory is <paramref name="spare"/> after the next call, and what
    /// that was becomes the tap's.
    /// </summary>
    public bool TryTake(ref byte[] spare, out LiveSample sample)
    {
        lock (_gate)
        {
            sample = default;
            if (_bytes < 0)
                return false;
            sample = new LiveSample(channel, _stamp, _buffer.AsMemory(0, _bytes));
            (_buffer, spare) = (spare, _buffer);
            _bytes = -1;
            return true;
        }
    }
}
