using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>Making room: which segments go, when, and what is noted before they do.</summary>
internal sealed partial class SpoolIndex
{
    /// <summary>
    /// Deletes what policy allows until the lane's quota and the disk take so many bytes more. False: they do
    /// not. Delivered segments go first, then, where the lane's policy is so, its oldest; for the disk's sake
    /// also those of other lanes, the least urgent first. What holds positions of sources stays while the
    /// journal cannot be flushed.
    /// </summary>
    public bool MakeRoom(SpoolLane lane, long bytes)
    {
        bool journalFails = false;
        while (true)
        {
            bool overQuota = lane.Quota.StoredBytes + bytes > lane.Options.QuotaBytes;
            bool diskShort = FreeBytes() is >= 0 and long free && free - bytes < _options.FreeBytesMin;
            if (!overQuota && !diskShort)
            {
                NoteDisk(isFull: false);
                return true;
            }

            SpoolSegment? victim = FindVictim(lane, anyLane: diskShort, journalFails);
            if (victim is null)
            {
                NoteDisk(diskShort);
                return false;
            }

            // Before its chunks end: they must not be lost for room that does not come of it.
            if (TryNotePositions(victim))
                Evict(victim, overQuota ? EvictionReasons.Quota : EvictionReasons.FreeSpace);
            else
                journalFails = true;
        }
    }

    /// <summary>Other options are in force; those of lanes come on their own.</summary>
    public void Reconfigure(RecorderOptions options) => Volatile.Write(ref _options, options);

    /// <summary>A lane has other options: what may be deleted for it is counted anew.</summary>
    public void Reconfigure(SpoolLane lane, LaneOptions options)
    {
        long removable = 0;
        lock (_gate)
        {
            removable -= lane.Segments.Sum(RemovableBytes);
            lane.Options = options;
            removable += lane.Segments.Sum(RemovableBytes);
        }

        lane.Quota.AddRemovable(removable);
        lane.Quota.Reconfigure(options);
    }

    private static long RemovableBytes(SpoolSegment segment)
    {
        bool isRemovable = segment.Lane.Options.WhenFull == WhenFull.EvictOldest
            ? segment.IsClosed
            : segment.IsFinished && IsKept(segment);
        return isRemovable && !segment.IsDeleted ? segment.LengthBytes : 0;
    }

    /// <summary>Deletes what was kept long enough; looks at the disk.</summary>
    public void Tick()
    {
        List<SpoolSegment> due = [];
        lock (_gate)
        {
            foreach (SpoolLane lane in _lanes.Values)
            {
                // One that was damaged is here only if the journal refused when its last chunk ended.
                due.AddRange(lane.Segments.Where(segment =>
                    segment is { IsDelivered: true, IsFinished: true, IsDeleted: false }
                    && (segment.IsDamaged
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

        NoteDisk(FreeBytes() is >= 0 and long free && free < _options.FreeBytesMin);
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
            return recording.Segments == 0 && recording.End is not null;
    }

    private void NoteDisk(bool isFull)
    {
        SpoolLane[] lanes;
        lock (_gate)
            lanes = [.. _lanes.Values];
        foreach (SpoolLane lane in lanes)
            lane.Quota.SetDiskFull(isFull);
    }

    private static bool CanGo(SpoolSegment segment, bool journalFails) =>
        !journalFails || segment.Positions is null || segment.PositionsAreNoted;

    private SpoolSegment? FindVictim(SpoolLane lane, bool anyLane, bool journalFails)
    {
        lock (_gate)
        {
            IEnumerable<SpoolLane> others = anyLane
                ? _lanes.Values.Where(other => other != lane).OrderBy(static other => other.Options.Priority)
                : [];
            SpoolLane[] inOrder = [lane, .. others];
            foreach (SpoolLane candidate in inOrder)
            {
                if (candidate.Segments.Find(segment =>
                        segment is { IsDelivered: true, IsDeleted: false } && CanGo(segment, journalFails))
                    is { } delivered)
                {
                    return delivered;
                }
            }

            foreach (SpoolLane candidate in inOrder)
            {
                if (candidate.Options.WhenFull == WhenFull.EvictOldest
                    && candidate.Segments.Find(segment =>
                            segment is { IsClosed: true, IsDeleted: false } && CanGo(segment, journalFails))
                        is { } oldest)
                {
                    return oldest;
                }
            }

            return null;
        }
    }

    private void Evict(SpoolSegment segment, string reason)
    {
        List<(SpoolChunk Chunk, ChunkHeader? Header)> evicted = [];
        foreach (SpoolChunk chunk in segment.Chunks)
        {
            if (chunk.End == ChunkEnd.Pending)
                evicted.Add((chunk, TryReadHeader(chunk)));
        }

        lock (_gate)
            evicted.RemoveAll(entry => !EndHeld(entry.Chunk, ChunkEnd.Evicted, reason, entry.Header));
        foreach ((SpoolChunk chunk, ChunkHeader? header) in evicted)
        {
            _journal.Append(new JournalRecord.ChunksEnded(
                segment.Recording.Id, segment.Lane.Name, ChunkEnd.Evicted, chunk.Sequence, chunk.Sequence, reason));
            ChunkEnded?.Invoke(chunk, header);
        }

        // Durable before the chunks are gone; where the disk refuses even that, its room comes first.
        Ledgers?.Find(segment.Recording.Id)?.TryWrite(LedgerDue.Losses);
        if (evicted.Count > 0)
            SpoolLog.Evicted(_log, segment.FileName, evicted.Count, segment.Lane.Name);
        Delete(segment);
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

        if (segment.IsDamaged || (options.DeleteAfterReceipt && options.KeepAfterReceipt == TimeSpan.Zero))
            Remove(segment);
        else if (options.WhenFull == WhenFull.Refuse)
            segment.Lane.Quota.AddRemovable(segment.LengthBytes);
    }

    // What was damaged is kept for people to look at, under a name that the recorder no longer reads.
    private void Remove(SpoolSegment segment)
    {
        if (!segment.IsDamaged)
        {
            Delete(segment);
            return;
        }

        if (!TryForget(segment))
            return;
        try
        {
            _files.Rename(segment.FileName, segment.FileName + SegmentFormat.DamagedExtension);
            SpoolLog.Quarantined(_log, segment.FileName + SegmentFormat.DamagedExtension);
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(_log, segment.FileName, error);
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
            // The next start finds it again, and the journal says that its chunks have ended.
            SpoolLog.CannotRemove(_log, segment.FileName, error);
        }

        ForgetIfDone(segment.Recording);
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

        long removable;
        lock (_gate)
        {
            segment.Lane.Segments.Remove(segment);
            segment.Recording.Segments--;
            bool wasRemovable = segment.Lane.Options.WhenFull == WhenFull.EvictOldest || IsKept(segment);
            removable = wasRemovable && segment.Chunks.Count > 0 ? segment.LengthBytes : 0;
        }

        _readers.Close(segment.FileName);
        segment.Lane.Quota.AddRemovable(-removable);
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

        if (!_journal.TryFlush())
        {
            if (_journal.LastError is { } error)
                SpoolLog.JournalFailed(_log, error);
            return false;
        }

        lock (_gate)
            segment.PositionsAreNoted = true;
        return true;
    }

    private static bool IsKept(SpoolSegment segment) =>
        segment is { IsDelivered: true, IsDamaged: false }
        && !(segment.Lane.Options.DeleteAfterReceipt && segment.Lane.Options.KeepAfterReceipt == TimeSpan.Zero);

    /// <summary>Nothing of a recording is left to keep or to tell: its ledger and the journal's part go.</summary>
    public void ForgetIfDone(SpoolRecording recording)
    {
        bool mayForget = Ledgers?.MayForget(recording.Id) != false;
        lock (_gate)
        {
            if (recording.Segments > 0 || !recording.IsEndTold || !mayForget)
                return;
            _recordings.Remove(recording.Id);
        }

        Ledgers?.Remove(recording.Id);
        _journal.Append(new JournalRecord.Forgotten(recording.Id));
    }
}
