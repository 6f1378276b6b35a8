using AvSdk.Recording.Chunking;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Links;

/// <summary>
/// Looks at the links again and again, and says which is to be used: gives a lease, and ends it when that link is gone or
/// another is to be used. Safe for any number of threads.
/// </summary>
internal sealed class LinkWatch : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ILinkProbe _probe;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LinkBudgets _budgets;
    private readonly Dictionary<string, LinkMeter> _meters = new(StringComparer.Ordinal);
    private readonly SpaceSignal _changed = new();
    private readonly SpaceSignal _reconfigured = new();
    private readonly CancellationTokenSource _stopping = new();
    private LinksOptions _options;
    private LinkFacts? _facts;
    private LinkLease? _lease;
    private LinkState? _state;
    private Task _running = Task.CompletedTask;

    public LinkWatch(LinksOptions options, ILinkProbe probe, LinkBudgets budgets, TimeProvider time, ILogger log)
    {
        (_options, _probe, _budgets, _time, _log) = (options, probe, budgets, time, log);
        if (options.Links.Count == 0)
            _lease = new LinkLease(null, null, null, "");
    }

    /// <summary>Called when another link is used, or the same carries something else.</summary>
    public Action? Changed { get; set; }

    public void Start() => _running = Task.Run(() => RunAsync(_stopping.Token));

    /// <summary>The link to use; waits until there is one.</summary>
    public async Task<LinkLease> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = _changed.Next;
            lock (_gate)
            {
                if (_lease is { } lease)
                    return lease;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The link that is used; null: none.</summary>
    public LinkLease? Current
    {
        get
        {
            lock (_gate)
                return _lease;
        }
    }

    /// <summary>Other links, or others of their options; what was spent counts on.</summary>
    public void Reconfigure(LinksOptions options)
    {
        lock (_gate)
        {
            _options = options;
            foreach (LinkOptions link in options.Links)
                MeterOf(link).Reconfigure(link, options.UtcOffset);
        }

        Judge();
        _reconfigured.Pulse();
    }

    /// <summary>The links, in order of preference.</summary>
    public IReadOnlyList<LinkStatus> Status
    {
        get
        {
            lock (_gate)
            {
                List<LinkStatus> status = [];
                foreach (LinkJudgement link in JudgementsHeld())
                    status.Add(ToStatus(link));
                return status;
            }
        }
    }

    /// <summary>Why no link may be used; empty: one is.</summary>
    public string WhyNone
    {
        get
        {
            lock (_gate)
                return _lease is null ? string.Join("; ", JudgementsHeld()) : "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        Current?.Dispose();
        _budgets.Close();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Task reconfigured = _reconfigured.Next;
                LinksOptions options = Volatile.Read(ref _options);
                if (options.Links.Count == 0)
                {
                    await reconfigured.WaitAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                LinkFacts facts = await _probe.LookAsync(options, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                    _facts = facts;
                Judge();
                using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(reconfigured, Task.Delay(options.Period, _time, done.Token)).ConfigureAwait(false);
                await done.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void Judge()
    {
        LinkLease? ended = null;
        bool isOther = false;
        lock (_gate)
        {
            // Before anything was seen, nothing is there.
            LinkJudgement? chosen = LinkJudgement.Choose(JudgementsHeld());
            bool isNone = chosen is null && _options.Links.Count > 0;
            // A day that is over gives the same link more to carry.
            bool isWider = _state != chosen?.State;
            _state = chosen?.State;
            if (isNone ? _lease is not null : _lease?.IsSame(chosen?.Link, chosen?.From, chosen?.Class ?? "") != true)
            {
                isOther = true;
                ended = _lease;
                _lease = isNone
                    ? null
                    : new LinkLease(
                        chosen?.Link, chosen is null ? null : MeterOf(chosen.Link), chosen?.From, chosen?.Class ?? "");
                if (chosen is not null)
                    LinkLog.Used(_log, chosen.Link.Name, chosen.Class);
                else if (isNone)
                    LinkLog.NoneUsed(_log, string.Join("; ", JudgementsHeld()));
            }
            else if (!isWider)
            {
                return;
            }
        }

        ended?.Dispose();
        if (isOther)
            _changed.Pulse();
        Changed?.Invoke();
    }

    private List<LinkJudgement> JudgementsHeld()
    {
        List<LinkJudgement> judgements = [];
        foreach (LinkOptions link in _options.Links)
        {
            judgements.Add(LinkJudgement.Of(
                link, _facts ?? LinkFacts.None, MeterOf(link), _options.UtcOffset, _time.GetUtcNow()));
        }

        return judgements;
    }

    private LinkMeter MeterOf(LinkOptions link)
    {
        if (!_meters.TryGetValue(link.Name, out LinkMeter? meter))
        {
            meter = new LinkMeter(link, _options.UtcOffset, _budgets, _time) { UsedUp = OnUsedUp };
            _meters.Add(link.Name, meter);
        }

        return meter;
    }

    private void OnUsedUp()
    {
        Judge();
        Changed?.Invoke();
    }

    private LinkStatus ToStatus(LinkJudgement link)
    {
        LinkSpent spent = MeterOf(link.Link).Spent.GetValueOrDefault();
        bool isUsed = _lease?.Link?.Name == link.Link.Name;
        return new LinkStatus(
            link.Link.Name, isUsed ? LinkState.Used : link.State, link.Class, link.Why, link.Until, spent.DayBytes,
            spent.MonthBytes, spent.DayLeft, spent.MonthLeft);
    }
}
