using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Live;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording;

/// <summary>
/// The recorder in this process: messages become chunks, chunks become durable in the spool, and go to the
/// gateway as the link allows.
/// </summary>
/// <remarks>
/// Opening begins a new recording at once; what earlier recordings left in the spool is found, repaired and
/// delivered behind it. Disposing keeps all that was accepted: what was not delivered goes with the next
/// start.
/// </remarks>
public sealed partial class LocalRecorder : IRecorder
{
    private const int RelieveBytesMin = 64 << 10;
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly RecorderPorts _ports;
    private readonly ISpoolFiles _files;
    private readonly MemoryBudget _memory;
    private readonly ChunkBufferPool _pool;
    private readonly ChunkCompressor _compressor;
    private readonly SpoolJournal _journal;
    private readonly SpoolIndex _index;
    private readonly SpoolRecording _recording;
    private readonly RecordingLedger _ledger = new();
    private readonly SpoolLedgers _ledgers;
    private readonly SpoolLedger _ownLedger;
    private readonly LaneSpoolContext _spoolContext;
    // All that this recording had, in order of beginning; those that are configured no more included.
    private LaneChunker[] _lanes;
    private RecorderOptions _options;
    private readonly Dictionary<string, LocalChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, RecordingSource> _sources = [];
    private readonly SpoolRecovery _recovery;
    private readonly ChunkUploader? _uploader;
    private readonly LiveFeed _live;
    private readonly RecorderMeters _meters;
    private readonly DateTimeOffset _startedAt;
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _tick;
    private Task _recovering = Task.CompletedTask;
    private Task? _disposing;
    private volatile bool _hasStopped;

    private LocalRecorder(RecorderOptions options, RecorderPorts ports, ISpoolFiles files)
    {
        _options = options;
        _ports = ports;
        _files = files;
        _startedAt = ports.Time.GetUtcNow();
        _memory = new MemoryBudget(options.MemoryBytesMax);
        _pool = new ChunkBufferPool(options.MemoryBytesMax / 2);
        _compressor = new ChunkCompressor(options.CompressionWorkers, _pool, _memory);
        ILogger spoolLog = ports.Logs.CreateLogger("AvSdk.Recorder.Spool");
        _journal = SpoolJournal.Open(files, ports.Time);
        if (_journal.WasDamaged)
            SpoolLog.JournalDamaged(spoolLog);
        RecordingId = NewRecordingId();
        _ledgers = new SpoolLedgers(new LedgerPorts
        {
            Files = files,
            Time = ports.Time,
            Log = ports.Logs.CreateLogger("AvSdk.Recorder.Ledger"),
            Key = ports.LedgerKey,
        });
        _index = new SpoolIndex(files, _journal, options, ports.Time, spoolLog)
        {
            Ledgers = _ledgers,
            ChunkAdded = OnChunkAdded,
            ChunkCounted = OnChunkCounted,
            ChunkEnded = OnChunkEnded,
            ChunksMarked = OnChunksMarked,
        };
        _recording = _index.AddRecording(RecordingId, ToInfo());
        _index.Current = _recording;
        _journal.Append(new JournalRecord.Started(_recording.Info));
        _ownLedger = _ledgers.Begin(_recording, _ledger.CollectInto);
        _spoolContext = new LaneSpoolContext
        {
            Files = files,
            Index = _index,
            SegmentBytesMax = () => (Options.SpoolBytesMax ?? long.MaxValue) / (4 * Options.Lanes.Count),
            Memory = _memory,
            Time = ports.Time,
            Log = spoolLog,
            ChunkSpooled = OnChunkSpooled,
            ChunkLost = OnChunkLost,
            TryTellLosses = () => _index.TryTellLosses(RecordingId),
        };
        _lanes = [.. options.Lanes.Select(NewLane)];
        _recovery = new SpoolRecovery(files, _index, _journal, _ledgers, RecordingId, ports.Time, spoolLog);
        LookForDisk();
        _recovery.Find();
        if (ports.Uplink is { } uplink)
            _uploader = new ChunkUploader(uplink, _index, _recording, options, ports, _pool, files);
        _live = new LiveFeed(ports.Time);
        _meters = new RecorderMeters(() => Status, () => Ledger);
        _ledgers.Ports.Written = () =>
        {
            _ledgers.Touch();
            _uploader?.Wake();
        };
        if (_uploader is not null)
        {
            _uploader.PartSent = bytes => _meters.SentBytes.Add(bytes);
            _uploader.LiveWayChanged = _live.SetWay;
        }
    }

    /// <inheritdoc/>
    public Guid RecordingId { get; }

    /// <summary>The options in force: those it was opened with, or the last that it was reconfigured with.</summary>
    public RecorderOptions Options => Volatile.Read(ref _options);

    /// <inheritdoc/>
    public LedgerSummary Ledger => _ledger.Summary();

    /// <summary>
    /// Opens the spool and begins a new recording. Of the earlier ones only the journal is read before it
    /// returns. Where the folder's disk refuses, or is read-only, it begins in memory, see <see
    /// cref="RecorderStatus.Disk"/>, and goes to the disk when that is back.
    /// </summary>
    /// <exception cref="RecorderException">The options have problems, all of them named; or the folder is the
    /// wrong one: its path cannot be, it may not be written, or another recorder has it.</exception>
    public static ValueTask<LocalRecorder> OpenAsync(
        RecorderOptions options, RecorderPorts ports, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ports);
        cancellationToken.ThrowIfCancellationRequested();
        List<OptionProblem> problems = [.. options.Validate()];
        if (ports.Files is null && string.IsNullOrWhiteSpace(options.SpoolFolder))
        {
            problems.Add(new OptionProblem(
                "SpoolFolder", "", "name a folder for the spool, for example /var/lib/avagent/spool"));
        }

        if (problems.Count > 0)
        {
            throw new RecorderException(
                $"The recorder's options have {problems.Count} problem(s):\n- " + string.Join("\n- ", problems));
        }

        ISpoolFiles files = ports.Files ?? ReturningSpoolFiles.OpenFolder(options.SpoolFolder!, ports.Time);
        try
        {
            LocalRecorder recorder = new(options, ports, files);
            recorder.Start();
            return ValueTask.FromResult(recorder);
        }
        catch
        {
            if (ports.Files is null)
                files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public RecordingChannel Channel(ChannelSpec spec) => LocalChannel(spec);

    /// <summary>
    /// The resumable source of an identity; the same instance for the same identity. Waits until recovery has
    /// read how far the source had come in earlier recordings: what a kill left without an end is repaired for it, the
    /// rest behind it. It takes as long as the disk refuses to be read, up to ten minutes. Where the spool's folder
    /// is away it does not wait: what a source was not told of by then may be recorded again.
    /// </summary>
    /// <exception cref="RecorderException">The recorder was stopped before.</exception>
    public async ValueTask<RecordingSource> OpenSourceAsync(Guid sourceId, CancellationToken cancellationToken)
    {
        while (!_recovery.PositionsKnown.IsCompleted && !_recovering.IsCompleted)
        {
            Task changed = _spoolContext.Disk.Changed.Next;
            if (_spoolContext.Disk.IsAway)
                break;
            await Task.WhenAny(_recovery.PositionsKnown, _recovering, changed).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_recovering.IsCompleted && !_recovery.PositionsKnown.IsCompleted)
            throw new RecorderException("The recorder stopped before it had read how far the source had come: try again.");
        lock (_gate)
        {
            if (!_sources.TryGetValue(sourceId, out RecordingSource? source))
                _sources.Add(sourceId, source = new RecordingSource(this, sourceId, GetSourcePositions(sourceId)));
            return source;
        }
    }

    /// <summary>
    /// By topic, how many messages of a source are durable, in this recording or an earlier one. Complete
    /// once recovery is done, see <see cref="OpenSourceAsync"/>.
    /// </summary>
    public IReadOnlyDictionary<string, ulong> GetSourcePositions(Guid sourceId) =>
        _index.Positions(RecordingIds.ToBytes(sourceId));

    /// <inheritdoc/>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        LaneChunker[] lanes = Volatile.Read(ref _lanes);
        Task[] flushes = new Task[lanes.Length];
        for (int at = 0; at < lanes.Length; at++)
        {
            LaneSpool spool = lanes[at].Spool;
            long lossesTold = spool.LossesTold;
            lanes[at].CloseAll(0);
            flushes[at] = spool.FlushAsync(lossesTold);
        }

        try
        {
            await Task.WhenAll(flushes).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Drops up to here survive a kill from now on, also those that the flush is about to tell of.
            _ownLedger.TryWrite(LedgerDue.Losses);
        }

        _index.FlushMarks();
    }

    /// <summary>
    /// Flushes, and completes when no chunk is pending: each has a receipt, or was rejected or evicted.
    /// Chunks of earlier recordings count too. Without an uplink it completes only on cancellation, unless
    /// nothing is pending.
    /// </summary>
    /// <exception cref="RecorderException">The recorder was disposed before, or the disk lost something.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _recovering.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            Task changed = _pendingChanged.Next;
            if (_index.PendingChunks == 0)
                return;
            if (_hasStopped)
                throw new RecorderException("The recorder stopped; what is left stays in the spool for the next start.");
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How the recorder is doing now.</summary>
    public RecorderStatus Status
    {
        get
        {
            LaneStatus[] lanes = LaneStatuses();
            return new RecorderStatus(
                RecordingId, Options.VehicleId, _startedAt, _memory.UsedBytes, lanes.Sum(static lane => lane.SpoolBytes),
                _index.FreeBytes(), lanes,
                _uploader?.Status ?? new UplinkStatus("", UplinkState.None, null, 0, 0, 0, 0),
                _recovery.Status, _spoolContext.LastError?.Message)
            {
                Links = _uploader?.Links ?? [],
                Live = _live.Status,
                Disk = _spoolContext.Disk.ToStatus(Volatile.Read(ref _lanes).Sum(static lane => lane.Spool.HeldChunks)),
            };
        }
    }

    /// <summary>
    /// Stops: refuses new messages, makes what was accepted durable, seals, notes the recording's end, and
    /// gives the uplink <see cref="UploadOptions.DrainTimeout"/> to deliver. What is left stays in the spool.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            _disposing ??= StopAsync();
        return new ValueTask(_disposing);
    }

    internal LocalChannel LocalChannel(ChannelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        lock (_gate)
        {
            if (_channels.TryGetValue(spec.Topic, out LocalChannel? known))
            {
                ChannelChoice.ThrowIfDifferent(known.Spec, spec);
                return known;
            }

            ChannelRoute route = NewRoute(spec);
            LocalChannel channel = new(this, route, route.Lane.FirstGroup(route.Group))
            {
                Live = _live.Open(null, route.Spec, Options.Live),
            };
            _channels.Add(spec.Topic, channel);
            return channel;
        }
    }

    /// <summary>
    /// Memory ran out while the disk refuses: the oldest chunk of the lane of least value goes, sync lanes excepted. A lane
    /// gives up chunks for one of more value; for itself, and for others of the same value, only if it evicts and nobody
    /// waits. False: there is none.
    /// </summary>
    internal bool TryDropHeld(LaneChunker asking, bool waits)
    {
        if (!_spoolContext.Disk.Refuses)
            return false;
        int value = asking.Options.Priority;
        return Volatile.Read(ref _lanes)
            .Where(lane => !lane.Options.IsSync
                && (lane.Options.Priority < value
                    || (!waits && lane.Options.Priority == value && lane.Options.WhenFull != WhenFull.Refuse)))
            .OrderBy(static lane => lane.Options.Priority).Any(static lane => lane.Spool.TryDropHeld());
    }

    /// <summary>Memory ran out: chunks that are large enough to be worth it close early.</summary>
    internal void RelieveMemory()
    {
        int recordBytesMin = _memory.Space.HasWaiters ? 0 : RelieveBytesMin;
        foreach (LaneChunker lane in _lanes)
            lane.CloseAll(recordBytesMin);
    }
}
