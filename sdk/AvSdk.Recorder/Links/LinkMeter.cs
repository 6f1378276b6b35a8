using AvSdk.Recording.Uplink;

namespace AvSdk.Recording.Links;

/// <summary>
/// What goes over a link, now: which chunks, how much at once, how fast. Lives as long as the recorder, also while the link
/// does not. Safe for any number of threads.
/// </summary>
internal sealed class LinkMeter(LinkOptions options, TimeSpan utcOffset, LinkBudgets budgets, TimeProvider time)
{
    // Less is not worth a message: a budget that has less left is used up.
    private const long LeastBytes = 8 << 10;
    private const int PartBytesMin = 4 << 10;

    // A sample goes even if a slow link takes longer for it: with its schema it is rarely shorter.
    private const int LiveBytesMin = 16 << 10;

    // What a message has beside a part's data.
    private const int PartOverheadBytes = 256;

    // A part takes at most a quarter of a second of the rate, so that an urgent chunk waits no longer for one.
    private static readonly TimeSpan PartTime = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private LinkOptions _options = options;
    private TimeSpan _utcOffset = utcOffset;
    // Bytes that may go: below 0 they went ahead of their time.
    private double _tokens;
    // The same of samples for those who watch alone, which take at most half of the rate.
    private double _liveTokens;
    private long _filledAt = time.GetTimestamp();

    public LinkOptions Options => Volatile.Read(ref _options);

    /// <summary>Called when something did not fit any more.</summary>
    public Action? UsedUp { get; set; }

    public void Reconfigure(LinkOptions options, TimeSpan utcOffset)
    {
        lock (_gate)
        {
            Volatile.Write(ref _options, options);
            _utcOffset = utcOffset;
        }
    }

    /// <summary>What was spent; null: the disk does not say.</summary>
    public LinkSpent? Spent => budgets.TryRead(Options, _utcOffset, out LinkSpent spent) ? spent : null;

    /// <summary>Whether a budget is used up, or not known.</summary>
    public bool IsUsedUp => Spent is { } spent
        ? spent.DayLeft < LeastBytes || spent.MonthLeft < LeastBytes
        : Options is not { BytesPerDay: null, BytesPerMonth: null };

    public UploadScope Scope
    {
        get
        {
            LinkOptions options = Options;
            UploadScope.What what = !IsUsedUp ? UploadScope.What.All
                : options.WhenUsedUp == LinkUsedUp.Marked ? UploadScope.What.Marked
                : UploadScope.What.None;
            return new UploadScope(options.Lanes, options.PriorityMin, what);
        }
    }

    /// <summary>The longest part that may go now.</summary>
    public long PartBytesMax
    {
        get
        {
            long bytes = PartBytesAt(Options, PartBytesMin);
            if (Spent is not { } spent || IsUsedUp)
                return bytes;
            long left = Math.Min(spent.DayLeft ?? long.MaxValue, spent.MonthLeft ?? long.MaxValue);
            return Math.Max(PartBytesMin, Math.Min(bytes, left - PartOverheadBytes));
        }
    }

    /// <summary>How long nothing is to be sent, so that the rate holds.</summary>
    public TimeSpan Delay
    {
        get
        {
            lock (_gate)
            {
                if (_options.BytesPerSecond is not { } rate)
                    return TimeSpan.Zero;
                Fill(rate);
                return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / rate);
            }
        }
    }

    /// <summary>A message is about to be sent. False: it may not be.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="isChunk">Whether it has bytes of a chunk.</param>
    /// <param name="isMarked">Whether that was marked or asked for.</param>
    public bool TrySpend(long bytes, bool isChunk, bool isMarked)
    {
        LinkOptions options = Options;
        bool isBeyond = options.WhenUsedUp switch
        {
            LinkUsedUp.Marked => !isChunk || isMarked,
            LinkUsedUp.Catalogue => !isChunk,
            _ => false,
        };
        bool wasUsedUp = IsUsedUp;
        bool isSpent = budgets.TrySpend(options, _utcOffset, bytes, isBeyond);
        if (isSpent)
        {
            lock (_gate)
            {
                if (options.BytesPerSecond is { } rate)
                    Fill(rate);
                _tokens -= bytes;
            }
        }

        if (!isSpent || IsUsedUp != wasUsedUp)
            UsedUp?.Invoke();
        return isSpent;
    }

    /// <summary>
    /// A sample for those who watch is about to be sent. False: it may not be; then nothing is spent, and nothing used up.
    /// </summary>
    public bool TrySpendLive(long bytes)
    {
        LinkOptions options = Options;
        if (!options.CarriesLive || bytes > LiveBytesMax(options))
            return false;
        lock (_gate)
        {
            if (options.BytesPerSecond is { } rate)
            {
                Fill(rate);
                if (_liveTokens < 0)
                    return false;
            }
        }

        if (!budgets.TrySpend(options, _utcOffset, bytes, isBeyond: false))
            return false;
        lock (_gate)
        {
            if (options.BytesPerSecond is null)
                return true;
            _tokens -= bytes;
            _liveTokens -= bytes;
        }

        return true;
    }

    // What is urgent waits hardly longer for a sample than for a part; and the last of a budget is not a sample's.
    private long LiveBytesMax(LinkOptions options)
    {
        long bytes = PartBytesAt(options, LiveBytesMin);
        if (options is { BytesPerDay: null, BytesPerMonth: null })
            return bytes;
        if (Spent is not { } spent)
            return 0;
        return Math.Min(bytes, Math.Min(spent.DayLeft ?? long.MaxValue, spent.MonthLeft ?? long.MaxValue) - LeastBytes);
    }

    private static long PartBytesAt(LinkOptions options, int least) => options.BytesPerSecond is { } rate
        ? Math.Max(least, (long)(rate * PartTime.TotalSeconds))
        : long.MaxValue;

    private void Fill(long rate)
    {
        long now = time.GetTimestamp();
        double bytes = rate * time.GetElapsedTime(_filledAt, now).TotalSeconds;
        _tokens = Math.Min(0, _tokens + bytes);
        _liveTokens = Math.Min(0, _liveTokens + (bytes / 2));
        _filledAt = now;
    }
}
