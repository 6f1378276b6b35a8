// Recovery: what earlier recordings left in the spool is found, repaired and made pending again. It runs
// behind the recording that has begun, one segment at a time, and never stops it.
//
//   sealed segment      its chunks are listed; those that the journal knows no end of are pending
//   no end to the file  killed while it was written: each chunk's hash is checked, the file is cut after the
//                       last whole one and sealed; delivered unsealed where the disk has no room for that
//   nothing whole       deleted
//   a flush that fails  the segment is written anew before it is tried again: a second flush proves nothing
//   damage              before the end, or at it where no torn write explains it (a sealed file, a body whose
//                       CRC is right): put aside as "*.damaged" once its whole chunks have ended
//   superseded          chunks at or above the first sequence of a later segment of the lane: an attempt to
//                       write that failed; the later segment has them, or what took their numbers
//   no end of recording told as found, not orderly
//   sources             their clients wait: so the ends of sealed segments are read first for how far they had come,
//                       see SegmentPositions, and what has no such end is recovered before what has one
//   folder away         waited for, for ever, see ReturningSpoolFiles
//   cannot be read      tried again for ten minutes, so that no source is told less than it had come; then it is
//                       put aside as damaged
//   ledger              brought up to what journal and segments tell; its word on a chunk counts where the
//                       journal's was lost
using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>Finds and repairs what earlier recordings left. Run once.</summary>
internal sealed partial class SpoolRecovery(
    ISpoolFiles files, SpoolIndex index, SpoolJournal journal, SpoolLedgers ledgers, Guid ownRecordingId,
    TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Guid, FoundRecording> _found = [];
    private bool _isListed;
    private RecoveryStatus _status = new(false, 0, 0, 0, 0, 0);

    public RecoveryStatus Status => Volatile.Read(ref _status);

    /// <summary>
    /// Lists what there is, before anything is recorded: it counts against the quotas from then on.
    /// </summary>
    public void Find()
    {
        try
        {
            List();
        }
        catch (IOException error)
        {
            SpoolLog.RecoveryFailed(log, files.Name, error);
        }
    }

    /// <summary>
    /// Never throws. Ends when everything was read or given up; or on cancellation, without <see
    /// cref="RecoveryStatus.IsDone"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        for (TimeSpan retry = FirstRetry; !TryRecoverAll(time.GetElapsedTime(begin) >= GivesUpAfter, cancellationToken);)
        {
            await Task.Delay(retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            retry = retry * 2 < RetryMax ? retry * 2 : RetryMax;
            // What is away is not damaged.
            if (files is ReturningSpoolFiles { WhyAway: not null })
                (begin, retry) = (time.GetTimestamp(), FirstRetry);
        }

        index.SetRecovered();
        _positionsKnown.TrySetResult();
        index.PruneLedgers();
        Update(static status => status with { IsDone = true });
        if (Status.Recordings > 0)
            SpoolLog.Recovered(log, Status.Recordings, Status.Segments, Status.Chunks);
    }

    /// <summary>False: some of it could not be read and is to be tried again.</summary>
    private bool TryRecoverAll(bool givesUp, CancellationToken cancellationToken)
    {
        try
        {
            if (!journal.TryLoad(givesUp))
                return false;
            index.RestoreMarks();
            List();
            foreach (Guid id in journal.Read(static state => state.Recordings.Keys.ToArray()))
            {
                if (id != ownRecordingId)
                    Recording(id);
            }

            bool positionsAreKnown = TryFindPositions(givesUp, cancellationToken);
            foreach (FoundRecording recording in InOrder())
            {
                if (cancellationToken.IsCancellationRequested)
                    return false;
                if (!recording.IsDone)
                    recording.IsDone = RecoverRecording(recording, givesUp, positionsOnly: false, cancellationToken);
            }

            return positionsAreKnown && _found.Values.All(static recording => recording.IsDone);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SpoolLog.RecoveryFailed(log, files.Name, error);
            return givesUp;
        }
    }

    private void List()
    {
        if (_isListed)
            return;
        // All of them, or none: each counts once.
        foreach (SpoolFileEntry entry in files.List().ToArray())
            Find(entry);
        foreach (FoundRecording recording in _found.Values)
            recording.Sort();
        _isListed = true;
    }

    private void Find(SpoolFileEntry entry)
    {
        if (entry.Name.EndsWith(SegmentFormat.DamagedExtension, StringComparison.Ordinal))
        {
            Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
            index.AddDamaged(entry.Name, entry.LengthBytes);
        }

        // Written anew, and not in the place of the old one: that is still there.
        if (entry.Name.EndsWith(SegmentFormat.Extension + SegmentFormat.NewExtension, StringComparison.Ordinal))
            TryDelete(entry.Name);
        if (LedgerFile.TryParse(entry.Name, out Guid ofLedger) && ofLedger != ownRecordingId)
            Recording(ofLedger);
        if (!SegmentFormat.TryParse(entry.Name, out SegmentName name) || name.RecordingId == ownRecordingId)
            return;
        Recording(name.RecordingId).Segments.Add(new FoundSegment(name, entry.LengthBytes));
        index.Expect(index.Lane(name.Lane), entry.LengthBytes);
    }

    private FoundRecording Recording(Guid id)
    {
        if (!_found.TryGetValue(id, out FoundRecording? recording))
        {
            _found.Add(id, recording = new FoundRecording(id));
            Update(static status => status with { Recordings = status.Recordings + 1 });
        }

        return recording;
    }

    /// <summary>False: some of it could not be read and is to be tried again.</summary>
    private bool RecoverRecording(
        FoundRecording found, bool givesUp, bool positionsOnly, CancellationToken cancellationToken)
    {
        // A copy: chunks of the recording that were found before are delivered meanwhile.
        JournalState.RecordingState? known = journal.Read(state => state.Recordings.GetValueOrDefault(found.Id)?.Clone());
        RecordingInfo info = known?.Info ?? new RecordingInfo { RecordingId = RecordingIds.ToBytes(found.Id) };
        SpoolRecording recording = index.AddRecording(found.Id, info);
        SpoolLedger ledger = ledgers.Open(recording);
        // The journal may have lost its beginning to a power cut.
        if (recording.Info.VehicleId.Length == 0 && ledger.Info is { } told)
            recording.Info = told;
        if (ledger.WasDamaged && found.Account is null)
            Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
        LedgerRecovery account = found.Account ??= new LedgerRecovery(ledger, recording, known, found.End);
        for (int at = 0; at < found.Segments.Count; at++)
        {
            if (cancellationToken.IsCancellationRequested)
                return false;
            FoundSegment segment = found.Segments[at];
            if (segment.IsDone || (positionsOnly && segment.PositionsAreKnown))
                continue;
            segment.IsDone = TryRecoverSegment(
                recording, segment, SupersededFrom(found, at), known, found, account, givesUp);
            if (segment.IsDone)
                index.NoteRecovered(index.Lane(segment.Name.Lane), segment.LengthBytes);
        }

        if (positionsOnly)
            return found.Segments.All(static segment => segment.IsDone || segment.PositionsAreKnown);
        if (found.Segments.Any(static segment => !segment.IsDone))
            return false;
        if (recording.Info.VehicleId.Length == 0 && !ledger.WasFound)
        {
            // Nothing whole is left of it, or a word that came after all else was forgotten: there is nobody to tell.
            index.RestoreEnd(recording, known?.End, isTold: true);
            return true;
        }

        ledger.AddLanesTo(found.End);
        RecordingEnd ending = known?.End ?? found.End.ToRecordingEnd(known);
        // Killed before it wrote its first entry it has one still: that it was. One that was told and is gone has none.
        if (ledger.WasFound || found.Segments.Count > 0 || known is { EndTold: false })
            account.Finish(ending, found.AllWereRead);
        ledger.TryWrite(LedgerDue.All);
        if (known?.End is not null || known?.EndTold == true)
            index.RestoreEnd(recording, known.End, known.EndTold);
        else
            index.SetEnd(recording, ending);
        return true;
    }

    private bool TryRecoverSegment(
        SpoolRecording recording, FoundSegment segment, ulong supersededFrom, JournalState.RecordingState? known,
        FoundRecording found, LedgerRecovery account, bool givesUp)
    {
        try
        {
            RecoverSegment(recording, segment, supersededFrom, known, found.End, account);
        }
        catch (FileNotFoundException)
        {
            // Deleted as torn, and then the disk failed.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SpoolLog.RecoveryFailed(log, segment.Name.FileName, error);
            if (!givesUp)
                return false;
            // The next run may find its chunks if it stays.
            found.AllWereRead &= TryPutAside(segment.Name, "it cannot be read: " + error.Message);
        }

        return true;
    }

    private void RecoverSegment(
        SpoolRecording recording, FoundSegment found, ulong supersededFrom, JournalState.RecordingState? known,
        RecoveredEnd end, LedgerRecovery account)
    {
        SegmentName name = found.Name;
        if (found.FlushFailed)
            WriteAnew(found);
        using ISpoolFile file = files.Open(name.FileName);
        if (SegmentScan.TryRead(file, name, out string problem) is not { } scan)
        {
            if (RecoveredTail.IsTornBeginning(file))
                files.Delete(name.FileName);
            else
                PutAside(name, problem);
            return;
        }

        if (recording.Info.VehicleId.Length == 0)
        {
            // Told under a wrong name it would never be delivered, and nobody would know.
            if (!scan.IsRecordingSound)
            {
                PutAside(name, $"its {SegmentFormat.MetadataName} metadata do not fit their check");
                return;
            }

            recording.Info = scan.Recording;
        }

        RecoveredTail tail = RecoveredTail.Check(file, scan, supersededFrom);
        if (tail.Chunks.Count == 0 && !tail.IsDamaged)
        {
            if (tail.TornChunks > 0)
                NoteCut(name.FileName, file.LengthBytes);
            files.Delete(name.FileName);
            return;
        }

        if (tail.IsDamaged)
        {
            SpoolLog.Damaged(
                log, name.FileName,
                $"{tail.DamagedChunks} chunks do not fit their record or hash, or the framing is broken");
            Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
        }
        else if (!scan.Mcap.IsSealed || tail.EndOfChunks < scan.EndOfChunks)
        {
            Repair(file, found, scan, tail, new SegmentPositions(RecordingIds.ToBytes(name.RecordingId), name.Lane));
        }
        else
        {
            // An earlier recovery may have sealed it, and was killed before its flush.
            Flush(file, found);
        }

        scan.AddDefinitionsTo(recording.Definitions, name.Lane);
        SpoolSegment segment = index.AddSegment(
            recording, index.Lane(name.Lane), name.FileName, name.FirstSequence,
            scan.BegunAt > 0 ? scan.BegunAt : recording.Info.StartedAt);
        segment.IsDamaged = tail.IsDamaged;
        segment.IsThinned = scan.Ended.Count > 0;
        index.SetLength(segment, file.LengthBytes);
        AddChunks(segment, tail, known, end, account);
        index.Close(segment);
        Update(static status => status with { Segments = status.Segments + 1 });
    }

    private void AddChunks(
        SpoolSegment segment, RecoveredTail tail, JournalState.RecordingState? known, RecoveredEnd end,
        LedgerRecovery account)
    {
        foreach ((ChunkRecord record, ChunkPlace place) in tail.Chunks)
        {
            ulong sequence = record.Header.Ref.Sequence;
            (ChunkEnd ended, string reason) = known?.Find(segment.Lane.Name, sequence) ?? (ChunkEnd.Pending, "");
            if (ended == ChunkEnd.Pending && record.End > 0)
                (ended, reason) = ((ChunkEnd)record.End, record.EndReason);
            if (ended == ChunkEnd.Pending)
                ended = account.EndOf(segment.Lane.Name, sequence);
            else
                account.NoteEnded(segment.Lane.Name, sequence, ended, reason, record.Header);
            index.AddChunk(segment, record.Header, place, record.Positions, ended, reason);
            end.Add(segment.Lane.Name, record.Header);
            if (ended == ChunkEnd.Pending)
                Update(static status => status with { Chunks = status.Chunks + 1 });
        }
    }

    private void TryDelete(string fileName)
    {
        try
        {
            files.Delete(fileName);
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(log, fileName, error);
        }
    }

    private bool TryPutAside(SegmentName name, string problem)
    {
        try
        {
            PutAside(name, problem);
            return true;
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(log, name.FileName, error);
            return false;
        }
    }

    private void PutAside(SegmentName name, string problem)
    {
        long lengthBytes;
        using (ISpoolFile file = files.Open(name.FileName))
            lengthBytes = file.LengthBytes;
        files.Rename(name.FileName, name.FileName + SegmentFormat.DamagedExtension);
        index.AddDamaged(name.FileName + SegmentFormat.DamagedExtension, lengthBytes);
        SpoolLog.Damaged(log, name.FileName, problem);
        Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
    }

    // One task writes the status; others read it.
    private void Update(Func<RecoveryStatus, RecoveryStatus> change) => Volatile.Write(ref _status, change(_status));
}
