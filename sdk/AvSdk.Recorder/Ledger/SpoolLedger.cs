// When a ledger is written: drops, evictions and damage with the recorder's next tick (1 s), before an evicted segment is
// deleted (of a chunk that was on its way to the gateway, when that has given its word on it, or the session is over), and
// when a flush is asked for; deliveries, which the gateway knows as well, when chunks of 1 MiB have ended,
// and at the latest after a minute; everything when the recorder stops. What a kill costs is what happened since.
//
// Budget    64 KiB and a thousandth of what was spooled. A ledger that is over it is written once a minute: nothing is
//           left out, but it is told less finely and a kill costs more of it.
// Disk      While it refuses, what happened is put together in memory and tried again.
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording.Ledger;

/// <summary>The ledger of one recording. Safe for any number of threads.</summary>
internal sealed partial class SpoolLedger : IDisposable
{
    public const string RestartedDamaged = "damaged";
    public const string RestartedTailLost = "tail_lost";
    private const long FreeBytes = 64 << 10;
    private const long RoutineBytes = 1 << 20;
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SignPeriod = TimeSpan.FromMinutes(10);

    // What happened and what is known; never held over a call of the disk.
    private readonly Lock _gate = new();
    // The file and the chain; taken before the gate.
    private readonly Lock _io = new();
    private readonly LedgerPorts _ports;
    private readonly LedgerFile _file;
    private readonly Dictionary<(string Lane, ChunkEnd End), SequenceRanges> _ended = [];
    private LedgerTally _tally = new();
    private LedgerState _state = new();
    private long _spooledBytes;
    private long _writtenAt;
    private long _signedAt;
    private bool _isClosed;

    private SpoolLedger(LedgerPorts ports, SpoolRecording recording, bool staysOpen)
    {
        _ports = ports;
        Recording = recording;
        _file = new LedgerFile(ports.Files, recording.Id, staysOpen);
        _writtenAt = _signedAt = ports.Time.GetTimestamp();
    }

    public SpoolRecording Recording { get; }

    /// <summary>Adds what is counted elsewhere until it is asked for.</summary>
    public Action<LedgerTally>? Collect { get; init; }

    /// <summary>The recording as its durable entries have it; null: there are none.</summary>
    public RecordingInfo? Info
    {
        get
        {
            lock (_gate)
                return _state.Info;
        }
    }

    /// <summary>Bytes of its file.</summary>
    public long DurableBytes => _file.DurableBytes;

    /// <summary>An earlier run left entries.</summary>
    public bool WasFound { get; private set; }

    /// <summary>What an earlier run left was damaged before its end.</summary>
    public bool WasDamaged { get; private set; }

    /// <summary>The recording's end is in it, or will be.</summary>
    public bool IsEnded
    {
        get
        {
            lock (_gate)
                return _state.IsEnded || _tally.Ended is not null;
        }
    }

    public IOException? LastError => _file.LastError;

    /// <summary>The ledger of a recording that begins.</summary>
    public static SpoolLedger Begin(LedgerPorts ports, SpoolRecording recording, Action<LedgerTally> collect)
    {
        SpoolLedger ledger = new(ports, recording, staysOpen: true) { Collect = collect };
        ledger._tally.Began = new LedgerBegan { Recording = recording.Info, Part = 1 };
        return ledger;
    }

    /// <summary>The ledger of an earlier recording, which may have none.</summary>
    public static SpoolLedger Open(LedgerPorts ports, SpoolRecording recording)
    {
        SpoolLedger ledger = new(ports, recording, staysOpen: false);
        if (ledger._file.Load() is not { } scan)
            return ledger;
        foreach ((LedgerEntry entry, _, int bytes) in scan.Entries)
            ledger.Load(entry, bytes);
        ledger._state.Chain = scan.Chain;
        // A file whose first entry never reached the disk says nothing.
        ledger.WasFound = scan.Entries.Count > 0 || scan.Damage is not null;
        ledger.WasDamaged = scan.Damage is not null;
        if (scan.Damage is not null)
            LedgerLog.Damaged(ports.Log, LedgerFile.FileName(recording.Id), scan.Damage, scan.Entries.Count);
        if (scan.Damage is not null && ledger._state.Chain.Part > 0)
            ledger.Restart(RestartedDamaged, ledger._state.Chain.Part + 1);
        return ledger;
    }

    /// <summary>
    /// A chunk ended. Of two words on one chunk the first counts. <paramref name="header"/> is null where it cannot be read
    /// any more; <paramref name="isAlone"/>: a stretch of its own, since it may have been told before.
    /// </summary>
    public void NoteEnd(
        string lane, ulong sequence, ChunkEnd end, string reason, ChunkHeader? header, bool isAlone = false)
    {
        lock (_gate)
        {
            if (EndOfHeld(lane, sequence) != ChunkEnd.Pending)
                return;
            Ended(lane, end).Add(sequence, sequence);
            _tally.AddEnd(
                lane, end, reason, new StretchTally(sequence, header, isAlone), (long?)header?.BodyBytes ?? 0);
        }
    }

    /// <summary>Chunks ended of which nothing is left to read; those that have an end already keep it.</summary>
    public void NoteEnds(string lane, ulong first, ulong last, ChunkEnd end, string reason)
    {
        lock (_gate)
        {
            foreach ((ulong from, ulong to) in NotEndedHeld(lane, first, last))
            {
                Ended(lane, end).Add(from, to);
                _tally.AddEnd(lane, end, reason, new StretchTally(from, to), 0);
            }
        }
    }

    /// <summary>How a chunk ended by this ledger.</summary>
    public ChunkEnd EndOf(string lane, ulong sequence)
    {
        lock (_gate)
            return EndOfHeld(lane, sequence);
    }

    public void AddSpooled(long bytes) => Interlocked.Add(ref _spooledBytes, bytes);

    /// <summary>Anything else that is to be told.</summary>
    public void Note(Action<LedgerTally, LedgerState> note)
    {
        lock (_gate)
            note(_tally, _state);
    }

    /// <summary>Adds the chunks that it knows of.</summary>
    public void AddLanesTo(RecoveredEnd end)
    {
        lock (_gate)
        {
            foreach ((string lane, (ulong sequence, _)) in _state.Lanes)
                end.Add(lane, sequence);
        }
    }

    /// <summary>Writes what is due. False: the disk refused, and it is kept for the next time.</summary>
    public bool TryWrite(LedgerDue due)
    {
        if (due == LedgerDue.Tick)
        {
            // A disk that hangs must not gather threads.
            if (!_io.TryEnter())
                return false;
            try
            {
                return TryWriteHeld(due);
            }
            finally
            {
                _io.Exit();
            }
        }

        lock (_io)
            return TryWriteHeld(due);
    }

    /// <summary>
    /// Of one that was damaged: what is whole goes on in another file, and the old one is put aside. False: the disk refused.
    /// </summary>
    public bool TryRewrite()
    {
        lock (_io)
            return _tally.IsEmpty ? _file.TryAppend([]) : TryWriteHeld(LedgerDue.All);
    }

    /// <summary>The recording is forgotten: the file goes, and nothing more is written.</summary>
    public void Remove()
    {
        lock (_io)
        {
            _isClosed = true;
            _file.Delete();
        }
    }

    public void Dispose()
    {
        lock (_io)
        {
            _isClosed = true;
            _file.Dispose();
        }
    }

    private bool TryWriteHeld(LedgerDue due)
    {
        if (_isClosed)
            return true;
        if (!TrySecureAgainHeld())
            return false;
        LedgerTally taken;
        bool sign;
        lock (_gate)
        {
            // An earlier recording's that recovery has not begun yet: its first entry says so.
            if (_state.Chain.Part == 0 && _tally.Began is null)
                return true;
            Collect?.Invoke(_tally);
            sign = MustSign(due);
            if (!sign && (_tally.IsEmpty || !IsDue(due)))
                return true;
            taken = _tally;
            _tally = new LedgerTally();
        }

        LedgerState next = _state.Clone();
        if (_file.TryAppend(Build(taken, next, sign)))
        {
            lock (_gate)
                _state = next;
            _writtenAt = _ports.Time.GetTimestamp();
            if (sign)
                _signedAt = _writtenAt;
            _ports.Written?.Invoke();
            return true;
        }

        lock (_gate)
        {
            taken.Absorb(_tally);
            _tally = taken;
        }

        if (_file.LastError is { } error)
            LedgerLog.CannotWrite(_ports.Log, LedgerFile.FileName(Recording.Id), error);
        return false;
    }

    private bool IsDue(LedgerDue due)
    {
        if (due != LedgerDue.Tick)
            return due == LedgerDue.All || _tally.HasLosses;
        if (_ports.Time.GetElapsedTime(_writtenAt) >= WaitMax)
            return true;
        if (_file.DurableBytes > FreeBytes + (Volatile.Read(ref _spooledBytes) / 1000))
            return false;
        return _tally.IsUrgent || _tally.EndedBytes >= RoutineBytes || IsAllEndedHeld;
    }

    // Nothing of the recording is to come any more.
    private bool IsAllEndedHeld => _state.IsEnded && Recording.PendingChunks == 0;

    private bool MustSign(LedgerDue due)
    {
        if (_ports.Key is null || (_tally.IsEmpty && _state.Unsigned == 0))
            return false;
        return due == LedgerDue.All || (due == LedgerDue.Tick
            && ((IsAllEndedHeld && IsDue(due)) || _ports.Time.GetElapsedTime(_signedAt) >= SignPeriod));
    }

    private List<byte[]> Build(LedgerTally taken, LedgerState next, bool sign)
    {
        ulong now = (ulong)(_ports.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        List<byte[]> built = [];
        void Add(LedgerEntry entry)
        {
            entry.Index = entry.Began is null ? next.Chain.Index + 1 : 1;
            entry.At = now;
            entry.PreviousSha256 = next.Chain.Head;
            byte[] bytes = entry.ToByteArray();
            next.Chain = next.Chain.Take(entry, bytes, out string problem)
                ?? throw new InvalidOperationException($"A ledger entry does not follow: {problem}.");
            next.Apply(entry);
            built.Add(bytes);
        }

        foreach (LedgerEntry entry in taken.ToEntries())
            Add(entry);
        if (sign && next.Unsigned > 0)
            Add(new LedgerEntry { Signature = LedgerSigning.Sign(_ports.Key!, next.Chain.Head) });
        return built;
    }

    private void Load(LedgerEntry entry, int bytes)
    {
        _state.Apply(entry);
        foreach (LedgerChunks chunks in entry.Chunks)
        {
            ChunkEnd end = chunks.End switch
            {
                LedgerChunks.Types.End.Delivered => ChunkEnd.Delivered,
                LedgerChunks.Types.End.Evicted => ChunkEnd.Evicted,
                _ => ChunkEnd.Damaged,
            };
            foreach ((ulong from, ulong to) in NotEndedHeld(chunks.Lane, chunks.FirstSequence, chunks.LastSequence))
                Ended(chunks.Lane, end).Add(from, to);
        }

        // What was spooled is not known any more; the budget was kept until now.
        _spooledBytes += bytes * 1000L;
    }

    private void Restart(string reason, uint part)
    {
        lock (_gate)
        {
            _tally.Began = new LedgerBegan { Recording = _state.Info ?? Recording.Info, Part = part, Reason = reason };
            foreach (LedgerChannel channel in _state.Channels.Values)
                _tally.AddChannel(channel);
        }
    }

    private ChunkEnd EndOfHeld(string lane, ulong sequence)
    {
        foreach (ChunkEnd end in (ReadOnlySpan<ChunkEnd>)[ChunkEnd.Delivered, ChunkEnd.Evicted, ChunkEnd.Damaged])
        {
            if (_ended.TryGetValue((lane, end), out SequenceRanges? ranges) && ranges.Contains(sequence))
                return end;
        }

        return ChunkEnd.Pending;
    }

    private SequenceRanges Ended(string lane, ChunkEnd end)
    {
        if (!_ended.TryGetValue((lane, end), out SequenceRanges? ranges))
            _ended.Add((lane, end), ranges = new SequenceRanges());
        return ranges;
    }

    private List<(ulong First, ulong Last)> NotEndedHeld(string lane, ulong first, ulong last)
    {
        SequenceRanges ended = new();
        foreach (((string ofLane, _), SequenceRanges ranges) in _ended)
        {
            foreach ((ulong from, ulong to) in ofLane == lane ? ranges.Ranges : [])
                ended.Add(from, to);
        }

        List<(ulong, ulong)> left = [];
        foreach ((ulong from, ulong to) in ended.Ranges)
        {
            if (to < first)
                continue;
            if (from > last)
                break;
            if (from > first)
                left.Add((first, from - 1));
            first = to + 1;
        }

        if (first <= last)
            left.Add((first, last));
        return left;
    }
}
