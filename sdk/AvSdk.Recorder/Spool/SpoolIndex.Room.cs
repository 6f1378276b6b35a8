using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>What is counted as room, what is deleted after its end, and what is noted before.</summary>
internal sealed partial class SpoolIndex
{
    private const ulong ClockWasSetNs = 1_577_836_800_000_000_000;

    private readonly SortedDictionary<string, long> _damagedFiles = new(StringComparer.Ordinal);

    /// <summary>Other options are in force; those of lanes come on their own.</summary>
    public void Reconfigure(RecorderOptions options)
    {
        Volatile.Write(ref _options, options);
        _room.Reconfigure(options);
    }

    /// <summary>A lane has other options: what may be deleted for it is counted anew.</summary>
    public void Reconfigure(SpoolLane lane, LaneOptions options)
    {
        lock (_gate)
        {
            lane.Options = options;
            lane.Quota.Reconfigure(options);
            foreach (SpoolSegment segment in lane.Segments)
                MeasureHeld(segment);
        }
    }

    /// <summary>
    /// Deletes what was kept long enough or is too old, and what is over a quota; looks at the disk.
    /// </summary>
    public void Tick()
    {
        _room.SetFree(FreeBytes());
        List<SpoolSegment> due = [];
        lock (_gate)
        {
            foreach (SpoolLane lane in _lanes.Values)
            {
                // One that was damaged or evicted is here only if the journal refused when its last chunk ended.
                due.AddRange(lane.Segments.Where(segment =>
                    segment is { IsDelivered: true, IsFinished: true, IsDeleted: false }
                    && (segment.IsDamaged || segment.IsEvicted || IsOld(segment)
                        || (lane.Options.DeleteAfterReceipt
                            && _time.GetElapsedTime(segment.EndedAt) >= lane.Options.KeepAfterReceipt))));
            }
        }

        bool journalFails = false;
        foreach (SpoolSegment segment in due)
        {
            // A journal that refused once is not asked again for each of what may be thousands.
            if (!CanGo(segment, journalFails))
                continue;
            if (TryNotePositions(segment))
                Remove(segment);
            else
                journalFails = true;
        }

        EvictOld();
        EvictOverQuota();
        FlushMarks();
        ForgetDone();
        _reserve.Keep(FreeBytes() - _options.FreeBytesMin);
        _room.SetFree(FreeBytes());
    }

    /// <summary>Bytes the disk has left; -1: it would not say.</summary>
    public long FreeBytes()
    {
        try
        {
            return _files.FreeBytes;
        }
        catch (IOException)
        {
            return -1;
        }
    }

    /// <summary>Deletes ledgers that no gateway has taken and that are too many, oldest first.</summary>
    public void PruneLedgers()
    {
        foreach (SpoolRecording recording in Ledgers?.Prunable(IsEmpty) ?? [])
        {
            LedgerLog.Pruned(_log, recording.Id, SpoolLedgers.KeptBytesMax);
            Ledgers!.Remove(recording.Id);
            ForgetIfDone(recording);
        }
    }

    private bool IsEmpty(SpoolRecording recording)
    {
        lock (_gate)
            return recording is { Segments: 0, LeavesFiles: false } && recording.End is not null;
    }

    /// <summary>A file is put aside, under a name that the recorder does not read.</summary>
    public void AddDamaged(string fileName, long lengthBytes)
    {
        lock (_gate)
        {
            if (!_damagedFiles.TryAdd(fileName, lengthBytes))
                return;
        }

        _room.AddDamaged(lengthBytes);
    }

    private bool TryDeleteDamaged()
    {
        string name;
        long lengthBytes;
        lock (_gate)
        {
            // Ids of recordings sort by time.
            if (_options.KeepDamaged || _damagedFiles.Count == 0)
                return false;
            (name, lengthBytes) = _damagedFiles.First();
            _damagedFiles.Remove(name);
        }

        try
        {
            _files.Delete(name);
            SpoolLog.DamagedDeleted(_log, name, lengthBytes);
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(_log, name, error);
        }

        _room.AddDamaged(-lengthBytes);
        return true;
    }

    private bool IsOld(SpoolSegment segment)
    {
        LaneOptions lane = segment.Lane.Options;
        TimeSpan? ageMax = lane.AgeMax is { } own && (_options.AgeMax is not { } all || own < all) ? own : _options.AgeMax;
        return ageMax is not null && !lane.IsSync && _time.GetElapsedTime(segment.BegunAt) >= ageMax;
    }

    // Before a restart by the wall clock. One that had not been set then says nothing, nor one that went back since.
    private static TimeSpan AgeOf(ulong begunAtUnix, ulong now) =>
        begunAtUnix < ClockWasSetNs || begunAtUnix > now
            ? TimeSpan.Zero
            : TimeSpan.FromTicks((long)((now - begunAtUnix) / 100));

    private long Ticks(TimeSpan age) => (long)(age.TotalSeconds * _time.TimestampFrequency);

    private static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static bool CanGo(SpoolSegment segment, bool journalFails) =>
        !journalFails || segment.Positions is null || segment.PositionsAreNoted;

    // What deleting the segment, or evicting from it, would give.
    private static void MeasureHeld(SpoolSegment segment)
    {
        long delivered = 0;
        long evictable = 0;
        if (segment is { IsClosed: true, IsDeleted: false })
        {
            if (segment.IsDelivered)
                delivered = segment.IsDamaged ? 0 : segment.LengthBytes;
            else if (segment.Lane.Quota.Evicts)
                evictable = Math.Max(0, segment.LengthBytes - KeptBytes(segment));
        }

        segment.Lane.Quota.ChangeRemovable(delivered - segment.DeliveredBytes, evictable - segment.EvictableBytes);
        segment.DeliveredBytes = delivered;
        segment.EvictableBytes = evictable;
    }

    private static long KeptBytes(SpoolSegment segment)
    {
        if (segment.PinnedBytes == 0)
            return 0;
        // Beginning, records of chunks that left, and summary: rewriting for less is not worth it.
        long overhead = Math.Max(segment.OverheadBytes, (16 << 10) + (segment.Chunks.Count * 1024L));
        return segment.CannotRewrite || segment.IsDamaged ? segment.LengthBytes : segment.PinnedBytes + overhead;
    }

    private void FinishDelivered(SpoolSegment segment)
    {
        LaneOptions options = segment.Lane.Options;
        lock (_gate)
        {
            if (segment.IsFinished)
                return;
            segment.IsFinished = true;
            segment.EndedAt = _time.GetTimestamp();
        }

        if (segment.IsDamaged || segment.IsEvicted
            || (options.DeleteAfterReceipt && options.KeepAfterReceipt == TimeSpan.Zero))
        {
            Remove(segment);
        }
    }

    // What was damaged is kept for people to look at, under a name that the recorder no longer reads.
    private void Remove(SpoolSegment segment)
    {
        if (!segment.IsDamaged || segment.IsEvicted)
        {
            Delete(segment);
            return;
        }

        if (!TryForget(segment))
            return;
        try
        {
            _files.Rename(segment.FileName, segment.FileName + SegmentFormat.DamagedExtension);
            AddDamaged(segment.FileName + SegmentFormat.DamagedExtension, segment.LengthBytes);
            SpoolLog.Quarantined(_log, segment.FileName + SegmentFormat.DamagedExtension);
        }
        catch (IOException error)
        {
            Leave(segment, error);
        }

        ForgetIfDone(segment.Recording);
    }

    private void Delete(SpoolSegment segment)
    {
        if (!TryForget(segment))
            return;
        try
        {
            _files.Delete(segment.FileName);
        }
        catch (IOException error)
        {
            Leave(segment, error);
        }

        ForgetIfDone(segment.Recording);
    }

    // The next start finds it again; then journal and ledger must be there, and say that its chunks have ended.
    private void Leave(SpoolSegment segment, IOException error)
    {
        lock (_gate)
            segment.Recording.LeavesFiles = true;
        SpoolLog.CannotRemove(_log, segment.FileName, error);
    }

    // False: it is another's to delete, or must stay for now; what is delivered, a tick tries again.
    private bool TryForget(SpoolSegment segment)
    {
        if (!TryNotePositions(segment))
            return false;
        lock (_gate)
        {
            if (segment.IsDeleted)
                return false;
            segment.IsDeleted = true;
        }

        lock (_gate)
        {
            segment.Lane.Segments.Remove(segment);
            segment.Recording.Segments--;
            MeasureHeld(segment);
        }

        _readers.Close(segment.FileName);
        segment.Lane.Quota.Store(-segment.LengthBytes);
        return true;
    }

    // The segment is closed: its positions change no more. Twice at once does no harm.
    private bool TryNotePositions(SpoolSegment segment)
    {
        if (segment.Positions is null || segment.PositionsAreNoted)
            return true;
        long now = _journal.NowMilliseconds;
        foreach (((ByteString source, string topic), ulong messages) in segment.Positions)
        {
            SourcePosition position = new() { SourceId = source, Topic = topic, Messages = messages };
            _journal.Append(new JournalRecord.Position(position, now));
        }

        if (!TryFlushJournal())
            return false;

        lock (_gate)
            segment.PositionsAreNoted = true;
        return true;
    }

    /// <summary>
    /// Nothing of a recording is left to keep or to tell: its ledger and the journal's part go. Not before it is durable that
    /// its segments are gone and its end was told: else the next run would begin its ledger again, as another one in its
    /// name.
    /// </summary>
    public void ForgetIfDone(SpoolRecording recording)
    {
        if (!IsDone(recording) || !TryFlushDeletions(recording) || !TryFlushJournal())
            return;
        lock (_gate)
        {
            if (!_recordings.Remove(recording.Id))
                return;
        }

        Ledgers?.Remove(recording.Id);
        _journal.Append(new JournalRecord.Forgotten(recording.Id));
    }

    private bool TryFlushDeletions(SpoolRecording recording)
    {
        try
        {
            _files.FlushDeletions(recording.Id.ToString("D"));
            return true;
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(_log, recording.Id.ToString("D"), error);
            return false;
        }
    }

    private bool IsDone(SpoolRecording recording)
    {
        lock (_gate)
        {
            if (recording.Segments > 0 || recording.LeavesFiles || !recording.IsEndTold || HasSentHeld(recording))
                return false;
        }

        return Ledgers?.MayForget(recording.Id) != false;
    }

    // A journal that refused when its end was told is asked again.
    private void ForgetDone()
    {
        SpoolRecording[] recordings;
        lock (_gate)
            recordings = [.. _recordings.Values.Where(static recording => recording is { Segments: 0, IsEndTold: true })];
        foreach (SpoolRecording recording in recordings)
            ForgetIfDone(recording);
    }
}
