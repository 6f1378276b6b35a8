using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Links;
using AvSdk.Recording.Live;
using AvSdk.Recording.Spool;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// Carries what <see cref="UploadSession"/> says over an <see cref="IUplink"/>, and tells the spool what came
/// of it. Tries again for as long as it lives.
/// </summary>
internal sealed class ChunkUploader : IAsyncDisposable
{
    /// <summary>A session that has stood for so long is one.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(10);

    private IUplink _uplink;
    private readonly SpoolIndex _index;
    private readonly SpoolRecording _recording;
    private readonly Random _random;
    private RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ChunkBufferPool _pool;
    private readonly ILogger _log;
    private UplinkAttempts _attempts;
    private CancellationTokenSource _restarting = new();
    private readonly UploadQueue _queue;
    private readonly SpaceSignal _changed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly UploadCounters _counters = new();
    private readonly LinkWatch _links;
    private string? _attemptedLink;
    private readonly SendRate _rate;
    private readonly HashSet<Guid> _strangers = [];
    private Task _running = Task.CompletedTask;
    private volatile bool _gatewayTakesNoLedger;
    private Task _recovered = Task.CompletedTask;

    public ChunkUploader(
        IUplink uplink, SpoolIndex index, SpoolRecording recording, RecorderOptions options, RecorderPorts ports,
        ChunkBufferPool pool, ISpoolFiles files)
    {
        _uplink = uplink;
        _index = index;
        _recording = recording;
        _options = options;
        _time = ports.Time;
        _queue = new UploadQueue(ports.Time);
        _pool = pool;
        _log = ports.Logs.CreateLogger("AvSdk.Recorder.Uplink");
        _random = ports.Random;
        _attempts = NewAttempts(options.Upload);
        _rate = new SendRate(ports.Time);
        ILogger log = ports.Logs.CreateLogger("AvSdk.Recorder.Links");
        LinkBudgets budgets = new(files, ports.Time, log);
        _links = new LinkWatch(options.Links, ports.Links ?? new SystemLinkProbe(), budgets, ports.Time, log)
        {
            Changed = _changed.Pulse,
        };
    }

    public UplinkStatus Status
    {
        get
        {
            UplinkStatus status = _counters.ToStatus(_uplink.Name) with
            {
                BytesPerSecond = _rate.BytesPerSecond,
                Breaker = Volatile.Read(ref _attempts).Breaker,
            };
            return _links.Current is null && status.State != UplinkState.Stopped
                ? status with { State = UplinkState.Waiting, LastError = $"No link may be used: {_links.WhyNone}" }
                : status;
        }
    }

    /// <summary>The links, in order of preference.</summary>
    public IReadOnlyList<LinkStatus> Links => _links.Status;

    /// <summary>When lanes will be empty, one for each; null: not known.</summary>
    public TimeSpan?[] TimesToEmpty(IReadOnlyList<LaneOptions> lanes, IReadOnlyList<long> pendingBytes)
    {
        LinkLease? lease = _links.Current;
        LinkSpent spent = lease?.Meter?.Spent ?? default;
        long left = Math.Min(spent.DayLeft ?? long.MaxValue, spent.MonthLeft ?? long.MaxValue);
        double rate = Math.Min(_rate.BytesPerSecond, lease?.Link?.BytesPerSecond ?? double.MaxValue);
        UploadScope scope = lease?.Meter?.Scope ?? UploadScope.Everything;
        return TimeToEmpty.Of(lanes, pendingBytes, scope, lease is null ? 0 : rate, left);
    }

    /// <summary>Told by which way samples go to those who watch; null: by none.</summary>
    public Action<LiveWay?>? LiveWayChanged { get; set; }

    /// <summary>Bytes of parts are counted here too.</summary>
    public Action<long>? PartSent { get; set; }

    public void Start(Task recovered)
    {
        _recovered = recovered;
        _links.Start();
        _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    /// <summary>A chunk is in the spool.</summary>
    public void Add(SpoolChunk chunk)
    {
        SpoolRecording recording = chunk.Segment.Recording;
        if (IsOfThisVehicle(recording))
        {
            _queue.Add(chunk);
            _changed.Pulse();
            return;
        }

        lock (_strangers)
        {
            if (_strangers.Add(recording.Id))
                UplinkLog.OtherVehicle(_log, recording.Id, recording.Info.VehicleId, _options.VehicleId);
        }
    }

    /// <summary>Chunks of the spool were marked: they go before others.</summary>
    public void Urge(IReadOnlyList<SpoolChunk> chunks)
    {
        _queue.Urge(chunks);
        _changed.Pulse();
    }

    /// <summary>There is something new to tell.</summary>
    public void Wake() => _changed.Pulse();

    /// <summary>A lane has other options.</summary>
    public void Reorder(SpoolLane lane, LaneOptions options)
    {
        _queue.Reorder(lane, options);
        _changed.Pulse();
    }

    /// <summary>
    /// Connects anew at once, under other options or over another uplink: what was on its way goes on from where the
    /// gateway has it.
    /// </summary>
    /// <param name="options">The options in force.</param>
    /// <param name="other">Another uplink; null: the one there is.</param>
    public void Reconfigure(RecorderOptions options, IUplink? other)
    {
        IUplink uplink = other ?? _uplink;
        bool restarts = uplink != _uplink || options.Upload != _options.Upload;
        Volatile.Write(ref _options, options);
        _links.Reconfigure(options.Links);
        if (!restarts)
            return;
        Volatile.Write(ref _uplink, uplink);
        Volatile.Write(ref _attempts, NewAttempts(options.Upload));
        Interlocked.Exchange(ref _restarting, new CancellationTokenSource()).Cancel();
    }

    /// <summary>Delivers for at most as long, then stops.</summary>
    public async Task StopAsync(TimeSpan drainTimeout)
    {
        _changed.Pulse();
        if (drainTimeout > TimeSpan.Zero)
        {
            using CancellationTokenSource timeout = new(drainTimeout, _time);
            try
            {
                await DrainAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // What is left is in the spool.
            }
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
        _counters.State = UplinkState.Stopped;
        _stopping.Dispose();
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        await _recovered.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            Task changed = _changed.Next;
            if (_index.PendingChunks == 0 && EndsToTell().Count == 0)
            {
                // What the last receipts ended is told too.
                _index.Ledgers?.Write(LedgerDue.All);
                if (_gatewayTakesNoLedger || _index.Ledgers?.AllAreTold(IsOfThisVehicle) != false)
                    return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            using CancellationTokenSource ending =
                CancellationTokenSource.CreateLinkedTokenSource(stopping, Volatile.Read(ref _restarting).Token);
            try
            {
                LinkLease lease = await _links.WaitAsync(ending.Token).ConfigureAwait(false);
                // What failed over one link says nothing of another.
                if (lease.Link?.Name != _attemptedLink)
                    Volatile.Write(ref _attempts, NewAttempts(_options.Upload));
                _attemptedLink = lease.Link?.Name;
                // Over a link that is named, each session is a way of its own.
                LiveWayChanged?.Invoke(lease.Link is null ? WayOver(_uplink as ILiveLink, lease) : null);
                using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, lease.Gone);
                await Volatile.Read(ref _attempts)
                    .RunAsync((worked, token) => RunSessionAsync(lease, worked, token), gone.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // Stopping, or reconfigured, while no link may be used.
            }
        }
    }

    private UplinkAttempts NewAttempts(UploadOptions options) => new(options, _random, _time, (error, delay) =>
    {
        string reason = error?.Message ?? "The link ended.";
        if (!reason.EndsWith('.') && !reason.EndsWith('?'))
            reason += '.';
        _counters.Fail(reason);
        UplinkLog.WillRetry(_log, _uplink.Name, reason, delay);
    });

    private async Task RunSessionAsync(LinkLease lease, Action worked, CancellationToken cancellationToken)
    {
        _counters.Connect();
        TimeSpan answerTimeout = _options.Upload.AnswerTimeout;
        using CancellationTokenSource late = new(answerTimeout, _time);
        using CancellationTokenSource inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await RunSessionAsync(lease, worked, late, inTime.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UplinkException($"No gateway has answered within {answerTimeout}.");
        }
    }

    private async Task RunSessionAsync(
        LinkLease lease, Action worked, CancellationTokenSource late, CancellationToken cancellationToken)
    {
        IUplink uplink = _uplink;
        ILinkedUplink? linked = uplink as ILinkedUplink;
        IUplinkSession link = linked is not null && lease.Link is { } over
            ? await linked.ConnectAsync(over, lease.From, cancellationToken).ConfigureAwait(false)
            : await uplink.ConnectAsync(cancellationToken).ConfigureAwait(false);
        UploadSession session = new(_queue, _options.Upload, _recording, EndsToTell, LedgersToTell, lease.Meter);
        _index.Ledgers?.BeginSession();
        await using (link.ConfigureAwait(false))
        {
            using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using ITimer steady = _time.CreateTimer(
                _ => worked(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            UploadPump pump = new(
                session, _uplink.Name, link, _index, _options, _pool, _time, _changed, _log, _counters, _queue, lease.Meter)
            {
                PartSent = bytes =>
                {
                    _rate.Add(bytes);
                    PartSent?.Invoke(bytes);
                },
                Worked = worked,
                Opened = opened =>
                {
                    late.CancelAfter(Timeout.InfiniteTimeSpan);
                    steady.Change(SteadyAfter, Timeout.InfiniteTimeSpan);
                    _gatewayTakesNoLedger = !opened.TakesLedger;
                },
            };
            if (lease.Link is not null)
                LiveWayChanged?.Invoke(WayOver(linked is null ? uplink as ILiveLink : link as ILiveLink, lease));
            Task receiving = pump.ReceiveAllAsync(ending.Token);
            Task sending = pump.SendAllAsync(ending.Token);
            try
            {
                Task first = await Task.WhenAny(receiving, sending).ConfigureAwait(false);
                // A gateway that ends a link says why to the reader; the writer only sees it gone.
                if (first == sending && !cancellationToken.IsCancellationRequested)
                    await receiving.WaitAsync(UploadPump.LastWordsTimeout, _time, cancellationToken)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                if (lease.Link is not null)
                    LiveWayChanged?.Invoke(null);
                await ending.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(receiving, sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                session.Lose();
                _index.EndSending();
            }

            cancellationToken.ThrowIfCancellationRequested();
            // Throws what ended the session, the reader's first.
            ThrowUnlessCancelled(receiving);
            ThrowUnlessCancelled(sending);
        }
    }

    private static LiveWay? WayOver(ILiveLink? link, LinkLease lease) => link is null ? null : new LiveWay(link, lease);

    private static void ThrowUnlessCancelled(Task task)
    {
        if (task.Exception?.InnerException is { } error)
            throw error as UplinkException ?? new UplinkException(error.Message, error);
    }

    // A gateway takes of a vehicle its own recordings only, and ends a session that brings another's: what was recorded
    // under another name must not hold up the rest.
    private bool IsOfThisVehicle(SpoolRecording recording) => recording.Info.VehicleId == _options.VehicleId;

    private IReadOnlyList<SpoolRecording> LedgersToTell() =>
        _index.Ledgers?.ToTell() is { Count: > 0 } ledgers ? [.. ledgers.Where(IsOfThisVehicle)] : [];

    private IReadOnlyList<SpoolRecording> EndsToTell() => [.. _index.EndsToTell().Where(IsOfThisVehicle)];
}
