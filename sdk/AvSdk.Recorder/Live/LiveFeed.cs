using AvSdk.Contracts;
using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Live;

/// <summary>
/// Brings samples of what is recorded to those who watch. It never makes a writer wait: what the link does not take in
/// time makes way for what is newer.
/// </summary>
internal sealed class LiveFeed(TimeProvider time) : IAsyncDisposable
{
    // A link that takes longer for one sample is no link to watch over.
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SpaceSignal _offered = new();
    private readonly CancellationTokenSource _stopping = new();
    private LiveTap[] _taps = [];
    private LiveWay? _way;
    private Task _running = Task.CompletedTask;
    private long _published;
    private long _dropped;
    private long _withheld;

    public LiveStatus Status =>
        new(Interlocked.Read(ref _published), Interlocked.Read(ref _dropped), Interlocked.Read(ref _withheld));

    /// <summary>Where samples go from now on; null: nowhere.</summary>
    public void SetWay(LiveWay? way)
    {
        lock (_gate)
        {
            _way = way;
            if (way is not null && _running.IsCompleted && !_stopping.IsCancellationRequested)
                _running = Task.Run(() => RunAsync(_stopping.Token));
        }
    }

    /// <summary>The tap of a channel, as the rules have it; null: it is not watched.</summary>
    /// <param name="before">The one it had, which is good while its rule is the same.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="rules">Those in force.</param>
    public LiveTap? Open(LiveTap? before, ChannelSpec channel, IReadOnlyList<LiveRule> rules)
    {
        LiveRule? rule = rules.FirstOrDefault(rule => TopicGlob.Fits(rule.Topics, channel.Topic));
        if (rule == before?.Rule)
            return before;
        LiveTap? tap = rule is null ? null : new LiveTap(channel, rule, time, _offered.Pulse);
        lock (_gate)
        {
            List<LiveTap> taps = [.. _taps];
            if (before is not null)
                taps.Remove(before);
            if (tap is not null)
                taps.Add(tap);
            Volatile.Write(ref _taps, [.. taps]);
        }

        return tap;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        byte[] spare = [];
        try
        {
            while (true)
            {
                Task offered = _offered.Next;
                foreach (LiveTap tap in Volatile.Read(ref _taps))
                {
                    if (tap.TryTake(ref spare, out LiveSample sample))
                        await PublishAsync(sample, stopping).ConfigureAwait(false);
                }

                await offered.WaitAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody is owed a sample.
        }
    }

    private async ValueTask PublishAsync(LiveSample sample, CancellationToken stopping)
    {
        LiveOutcome outcome = LiveOutcome.Dropped;
        if (Volatile.Read(ref _way) is { } way)
        {
            using CancellationTokenSource late = new(PublishTimeout, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
            try
            {
                outcome = await way.PublishAsync(sample, either.Token).ConfigureAwait(false);
            }
            // Too late to be of use; the link is gone; or it breaks its port's word, which costs the sample and not the
            // recording.
#pragma warning disable CA1031 // It is counted as dropped.
            catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                outcome = LiveOutcome.Dropped;
            }
        }

        Interlocked.Increment(ref CounterOf(outcome));
    }

    private ref long CounterOf(LiveOutcome outcome)
    {
        if (outcome == LiveOutcome.Published)
            return ref _published;
        return ref outcome == LiveOutcome.Withheld ? ref _withheld : ref _dropped;
    }
}
