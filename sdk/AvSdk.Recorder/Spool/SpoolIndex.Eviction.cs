using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>Making room, in the order that <see cref="EvictionOrder"/> says.</summary>
internal sealed partial class SpoolIndex
{
    // One at a time: two that made room at once would each evict for the same want.
    private readonly Lock _evicting = new();
    private bool _isRecovering = true;

    /// <summary>Pulsed when recovery has read another file, or is done.</summary>
    public SpaceSignal Recovered { get; } = new();

    /// <summary>A file of an earlier run counts from now on, though recovery has still to read it.</summary>
    public void Expect(SpoolLane lane, long lengthBytes)
    {
        lock (_gate)
            lane.UnrecoveredFiles++;
        lane.Quota.Expect(lengthBytes);
    }

    /// <summary>It was read: what is left of it was added.</summary>
    public void NoteRecovered(SpoolLane lane, long lengthBytes)
    {
        lane.Quota.Expect(-lengthBytes);
        lock (_gate)
            lane.UnrecoveredFiles--;
        Recovered.Pulse();
    }

    /// <summary>Recovery is done.</summary>
    public void SetRecovered()
    {
        Volatile.Write(ref _isRecovering, false);
        lock (_gate)
        {
            // Segments and journal have them now.
            _positionsAhead.Clear();
            foreach (SpoolLane lane in _lanes.Values)
                lane.Quota.SettleUnrecovered();
        }

        PruneMarks(Nanoseconds(_time.GetUtcNow()));
        Recovered.Pulse();
    }

    /// <summary>Deletes what policy allows until quotas and disk take a chunk of so many bytes more.</summary>
    public RoomOutcome MakeRoom(SpoolLane lane, long bytes) => MakeRoom(lane, bytes, forDisk: true);

    /// <summary>
    /// Whether what was accepted may be written though the disk is short: of what must be left free, half is for
    /// that, half for what ends a segment and for the journal.
    /// </summary>
    public bool MayUseReserve(long bytes) =>
        FreeBytes() is var free && (free < 0 || free - bytes >= _options.FreeBytesMin / 2);

    private RoomOutcome MakeRoom(SpoolLane lane, long bytes, bool forDisk)
    {
        if (Shortage(lane, bytes, forDisk) is null)
            return RoomOutcome.Made;
        lock (_evicting)
        {
            HashSet<SpoolSegment> stuck = [];
            bool journalFails = false;
            while (Shortage(lane, bytes, forDisk) is { } shortage)
            {
                bool isOwnQuota = shortage == EvictionReasons.Quota;
                (SpoolSegment Segment, bool Thins)? victim;
                SpoolSegment? delivered;
                lock (_gate)
                {
                    bool CanTry(SpoolSegment segment) =>
                        !segment.IsDeleted && CanGo(segment, journalFails) && !stuck.Contains(segment);
                    delivered = EvictionOrder.NextDelivered(lane, _lanes.Values, isOwnQuota, CanTry);
                    victim = EvictionOrder.NextPending(lane, _lanes.Values, isOwnQuota, CanTry);
                }

                if (delivered is not null)
                {
                    stuck.Add(delivered);
                    if (TryNotePositions(delivered))
                        Delete(delivered);
                    else
                        journalFails = true;
                    continue;
                }

                if (!isOwnQuota && TryDeleteDamaged())
                    continue;
                // What recovery has not read yet is older.
                if (IsOlderUnrecovered(lane, victim?.Segment, isOwnQuota))
                    return RoomOutcome.Recovering;
                if (victim is null)
                    return NoVictim(shortage, journalFails);
                if (TryEvict(victim.Value.Segment, shortage, victim.Value.Thins, stuck))
                    continue;
                journalFails = true;
                stuck.Add(victim.Value.Segment);
            }

            return RoomOutcome.Made;
        }
    }

    private static RoomOutcome NoVictim(string shortage, bool journalFails) =>
        shortage == EvictionReasons.FreeSpace ? RoomOutcome.DiskShort
        : journalFails ? RoomOutcome.JournalFails
        : RoomOutcome.OverQuota;

    private string? Shortage(SpoolLane lane, long bytes, bool forDisk)
    {
        long free = forDisk ? FreeBytes() : -1;
        if (forDisk)
            _room.SetFree(free);
        return _room.Shortage(lane.Quota, bytes, free);
    }

    private bool IsOlderUnrecovered(SpoolLane lane, SpoolSegment? victim, bool isOwnQuota)
    {
        if (!Volatile.Read(ref _isRecovering))
            return false;
        lock (_gate)
        {
            SpoolLane? first = isOwnQuota
                ? lane
                : EvictionOrder.ByValue(_lanes.Values).FirstOrDefault(each =>
                    each.Options.Priority <= lane.Options.Priority && each.Quota.Evicts
                    && (each.UnrecoveredFiles > 0 || each == victim?.Lane));
            return first is { UnrecoveredFiles: > 0 } && first.Quota.Evicts
                && (victim is null || victim.Lane != first || victim.Recording == Current);
        }
    }

    private void EvictOld()
    {
        List<SpoolSegment> old = [];
        lock (_gate)
        {
            foreach (SpoolLane lane in _lanes.Values)
            {
                old.AddRange(lane.Segments.Where(segment =>
                    segment is { IsClosed: true, IsDelivered: false, IsDeleted: false } && IsOld(segment)
                    && segment.Chunks.Exists(static chunk => chunk is { End: ChunkEnd.Pending, IsPinned: false })));
            }
        }

        lock (_evicting)
        {
            foreach (SpoolSegment segment in old)
            {
                if (!TryEvict(segment, EvictionReasons.Age, thins: false, []))
                    return;
            }
        }
    }

    // After a start with lower quotas than before, or when what was to go is known at last.
    private void EvictOverQuota()
    {
        if (Volatile.Read(ref _isRecovering))
            return;
        SpoolLane[] lanes;
        lock (_gate)
            lanes = [.. EvictionOrder.ByValue(_lanes.Values)];
        foreach (SpoolLane lane in lanes)
            MakeRoom(lane, 0, forDisk: false);
    }

    // False: the journal refuses. What cannot be made smaller now is added to the stuck ones.
    private bool TryEvict(SpoolSegment segment, string reason, bool thins, HashSet<SpoolSegment> stuck)
    {
        // Before its chunks end: they must not be lost for room that does not come of it.
        if (!TryNotePositions(segment) || !TryFlushJournal())
            return false;
        SpoolChunk[] pending;
        lock (_gate)
            pending = [.. segment.Chunks.Where(static chunk => chunk.End == ChunkEnd.Pending)];
        List<SpoolChunk> leaving = [.. pending.Where(static chunk => !chunk.IsPinned)];
        if (thins)
            leaving = EverySecond(leaving);
        bool isDone = leaving.Count == pending.Length
            ? TryEvictWhole(segment, leaving, reason)
            : thins && leaving.Count == 0 ? false : TryRewrite(segment, leaving, reason);
        if (thins)
            segment.IsThinned = true;
        else if (!isDone)
            stuck.Add(segment);
        return true;
    }

    // Of each kind of chunk, by what channels it holds: where two large channels take turns, both keep half.
    private List<SpoolChunk> EverySecond(List<SpoolChunk> chunks)
    {
        List<SpoolChunk> leaving = [];
        Dictionary<string, bool> isSecond = new(StringComparer.Ordinal);
        foreach (SpoolChunk chunk in chunks)
        {
            ChunkHeader? header = TryReadHeader(chunk);
            string kind = header is null ? "" : string.Join(',', header.Channels.Select(static each => each.ChannelId));
            if (isSecond.GetValueOrDefault(kind))
                leaving.Add(chunk);
            isSecond[kind] = !isSecond.GetValueOrDefault(kind);
        }

        return leaving;
    }

    private bool TryEvictWhole(SpoolSegment segment, List<SpoolChunk> leaving, string reason)
    {
        if (!TryEndEvicted(segment, leaving, reason))
            return false;
        segment.IsEvicted = true;
        if (TryFlushJournal())
            Delete(segment);
        else
            FinishDelivered(segment);
        return true;
    }

    private bool TryRewrite(SpoolSegment segment, List<SpoolChunk> leaving, string reason)
    {
        if (segment.CannotRewrite || segment.IsDamaged)
            return false;
        HashSet<SpoolChunk> kept;
        lock (_gate)
            kept = [.. segment.Chunks.Where(static chunk => chunk.End == ChunkEnd.Pending).Except(leaving)];
        long keptBytes = kept.Sum(static chunk => chunk.BodyBytes + chunk.Place.RecordBytes);
        // For a moment both files are on the disk.
        if (FreeBytes() is >= 0 and long free && free - keptBytes < _options.FreeBytesMin / 4)
            return false;
        string name = segment.FileName + SegmentFormat.NewExtension;
        try
        {
            (IReadOnlyDictionary<SpoolChunk, ChunkPlace> places, long lengthBytes) = SegmentRewriter.Write(
                _files, _readers, segment, kept,
                chunk => chunk.End == ChunkEnd.Pending ? (ChunkEnd.Evicted, reason) : (chunk.End, chunk.EndReason));
            if (!TryEndEvicted(segment, leaving, reason) || !TryFlushJournal())
            {
                _files.Delete(name);
                return false;
            }

            Replace(segment, name, places, lengthBytes);
            segment.OverheadBytes = lengthBytes - kept.Sum(static chunk => chunk.BodyBytes);
            SetLength(segment, lengthBytes);
            return true;
        }
        catch (Exception error) when (error is IOException or McapException or OverflowException)
        {
            SpoolLog.CannotRewrite(_log, segment.FileName, error);
            lock (_gate)
            {
                segment.CannotRewrite = true;
                MeasureHeld(segment);
            }

            TryDelete(name);
            return false;
        }
    }

    private void Replace(
        SpoolSegment segment, string newName, IReadOnlyDictionary<SpoolChunk, ChunkPlace> places, long lengthBytes) =>
        _readers.Replace(segment.FileName, () =>
        {
            try
            {
                _files.Rename(newName, segment.FileName);
            }
            catch (IOException) when (lengthBytes != segment.LengthBytes && LengthOf(segment.FileName) == lengthBytes)
            {
                // It has the name; that this is not durable does not matter to what is read now.
            }

            foreach ((SpoolChunk chunk, ChunkPlace place) in places)
                chunk.Place = place;
        });

    private long LengthOf(string name)
    {
        using ISpoolFile file = _files.Open(name);
        return file.LengthBytes;
    }

    // False: one of them was marked meanwhile, nothing was done.
    private bool TryEndEvicted(SpoolSegment segment, List<SpoolChunk> leaving, string reason)
    {
        List<(SpoolChunk Chunk, ChunkHeader? Header)> evicted = [];
        SpoolChunk[] gone;
        foreach (SpoolChunk chunk in leaving)
            evicted.Add((chunk, TryReadHeader(chunk)));
        lock (_gate)
        {
            if (leaving.Exists(static chunk => chunk is { End: ChunkEnd.Pending, IsPinned: true }))
                return false;
            evicted.RemoveAll(entry => !EndHeld(entry.Chunk, ChunkEnd.Evicted, reason, entry.Header));
            gone = [.. evicted.Select(static entry => entry.Chunk).Where(chunk => !_evictedOnTheirWay.ContainsKey(chunk))];
            MeasureHeld(segment);
        }

        Append([.. evicted.Select(static entry => entry.Chunk)], ChunkEnd.Evicted, reason);
        foreach (SpoolChunk chunk in gone)
            ChunkEnded?.Invoke(chunk);
        // Durable before the chunks are gone; where the disk refuses even that, its room comes first.
        TryTellLosses(segment.Recording.Id);
        if (evicted.Count > 0)
            SpoolLog.Evicted(_log, segment.FileName, evicted.Count, segment.Lane.Name, reason);
        return true;
    }

    // Chunks of one segment that ended so, in order of sequence: one record a run of them.
    private void Append(IReadOnlyList<SpoolChunk> ended, ChunkEnd end, string reason)
    {
        for (int first = 0, last = 0; first < ended.Count; first = ++last)
        {
            while (last + 1 < ended.Count && ended[last + 1].Sequence == ended[last].Sequence + 1)
                last++;
            SpoolChunk chunk = ended[first];
            _journal.Append(new JournalRecord.ChunksEnded(
                chunk.Segment.Recording.Id, chunk.Segment.Lane.Name, end, chunk.Sequence, ended[last].Sequence, reason));
        }
    }

    private bool TryFlushJournal()
    {
        if (_journal.TryFlush() || (TryReleaseReserve() && _journal.TryFlush()))
            return true;
        if (_journal.LastError is { } error)
            SpoolLog.JournalFailed(_log, error);
        return false;
    }

    /// <summary>Makes durable in a recording's ledger what was lost of it. False: the disk refused.</summary>
    public bool TryTellLosses(Guid recordingId) =>
        Ledgers?.Find(recordingId) is not { } ledger || ledger.TryWrite(LedgerDue.Losses)
        || (TryReleaseReserve() && ledger.TryWrite(LedgerDue.Losses));

    private bool TryReleaseReserve() => _reserve.TryRelease(FreeBytes());

    private void TryDelete(string name)
    {
        try
        {
            _files.Delete(name);
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(_log, name, error);
        }
    }
}
