// Recovery: what earlier recordings left in the spool is found, repaired and made pending again. It runs
// behind the recording that has begun, one segment at a time, and never stops it.
//
//   sealed segment      its chunks are listed; those that the journal knows no end of are pending
//   no end to the file  killed while it was written: each chunk's hash is checked, the file is cut after the
//                       last whole one and sealed; delivered unsealed where the disk has no room for that
//   nothing whole       deleted
//   damage              before the end, or at it where no torn write explains it (a sealed file, a body whose
//                       CRC is right): put aside as "*.damaged" once its whole chunks have ended
//   superseded          chunks at or above the first sequence of a later segment of the lane: an attempt to
//                       write that failed; the later segment has them, or what took their numbers
//   no end of recording told as found, not orderly
//   ledger              brought up to what journal and segments tell; its word on a chunk counts where the
//                       journal's was lost
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Ledger;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>Finds and repairs what earlier recordings left. Run once.</summary>
internal sealed class SpoolRecovery(
    ISpoolFiles files, SpoolIndex index, SpoolJournal journal, SpoolLedgers ledgers, Guid ownRecordingId, ILogger log)
{
    private readonly Dictionary<Guid, List<(SegmentName Name, long LengthBytes)>> _found = [];
    private RecoveryStatus _status = new(false, 0, 0, 0, 0, 0);

    public RecoveryStatus Status => Volatile.Read(ref _status);

    /// <summary>
    /// Lists what there is, before anything is recorded: it counts against the quotas from then on.
    /// </summary>
    public void Find()
    {
        try
        {
            foreach (SpoolFileEntry entry in files.List())
                Find(entry);
        }
        catch (IOException error)
        {
            SpoolLog.RecoveryFailed(log, files.Name, error);
        }
    }

    /// <summary>Never throws: what cannot be recovered is logged and left for the next start.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            foreach (Guid id in journal.Read(static state => state.Recordings.Keys.ToArray()))
            {
                if (id != ownRecordingId)
                    _found.TryAdd(id, []);
            }

            foreach (Guid id in _found.Keys.Order(Comparer<Guid>.Create(RecordingIds.Compare)))
            {
                RecoverRecording(id, _found[id], cancellationToken);
                if (cancellationToken.IsCancellationRequested)
                    return;
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SpoolLog.RecoveryFailed(log, files.Name, error);
        }
        finally
        {
            index.SetRecovered();
        }

        index.PruneLedgers();
        Update(status => status with { IsDone = true });
        if (Status.Recordings > 0)
            SpoolLog.Recovered(log, Status.Recordings, Status.Segments, Status.Chunks);
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
            files.Delete(entry.Name);
        if (LedgerFile.TryParse(entry.Name, out Guid ofLedger) && ofLedger != ownRecordingId)
            _found.TryAdd(ofLedger, []);
        if (!SegmentFormat.TryParse(entry.Name, out SegmentName name) || name.RecordingId == ownRecordingId)
            return;
        if (!_found.TryGetValue(name.RecordingId, out List<(SegmentName, long)>? segments))
            _found.Add(name.RecordingId, segments = []);
        segments.Add((name, entry.LengthBytes));
        index.Expect(index.Lane(name.Lane), entry.LengthBytes);
    }

    private void RecoverRecording(
        Guid id, List<(SegmentName Name, long LengthBytes)> found, CancellationToken cancellationToken)
    {
        Update(static status => status with { Recordings = status.Recordings + 1 });
        JournalState.RecordingState? known = journal.Read(state => state.Recordings.GetValueOrDefault(id));
        RecordingInfo info = known?.Info ?? new RecordingInfo { RecordingId = RecordingIds.ToBytes(id) };
        SpoolRecording recording = index.AddRecording(id, info);
        SpoolLedger ledger = ledgers.Open(recording);
        // The journal may have lost its beginning to a power cut.
        if (recording.Info.VehicleId.Length == 0 && ledger.Info is { } told)
            recording.Info = told;
        if (ledger.WasDamaged)
            Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
        RecoveredEnd end = new(id);
        LedgerRecovery account = new(ledger, recording, known, end);
        bool allWereRead = true;
        found.Sort(static (x, y) => (x.Name.Lane, x.Name.FirstSequence, x.Name.Attempt)
            .CompareTo((y.Name.Lane, y.Name.FirstSequence, y.Name.Attempt)));
        List<SegmentName> names = [.. found.Select(static file => file.Name)];
        for (int at = 0; at < names.Count; at++)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            ulong supersededFrom = at + 1 < names.Count && names[at + 1].Lane == names[at].Lane
                ? names[at + 1].FirstSequence
                : ulong.MaxValue;
            try
            {
                RecoverSegment(recording, names[at], supersededFrom, known, end, account);
                index.NoteRecovered(index.Lane(names[at].Lane), found[at].LengthBytes);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                SpoolLog.RecoveryFailed(log, names[at].FileName, error);
                allWereRead = false;
            }
        }

        ledger.AddLanesTo(end);
        RecordingEnd ending = known?.End ?? end.ToRecordingEnd(known);
        // Where neither a ledger nor a segment is left, there is nothing to account for.
        if (ledger.WasFound || names.Count > 0)
            account.Finish(ending, allWereRead);
        ledger.TryWrite(LedgerDue.All);
        if (known?.End is not null || known?.EndTold == true)
            index.RestoreEnd(recording, known.End, known.EndTold);
        else
            index.SetEnd(recording, ending);
    }

    private void RecoverSegment(
        SpoolRecording recording, SegmentName name, ulong supersededFrom, JournalState.RecordingState? known,
        RecoveredEnd end, LedgerRecovery account)
    {
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
            recording.Info = scan.Recording;
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
            Repair(file, scan, tail);
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

    private void Repair(ISpoolFile file, SegmentScan scan, RecoveredTail tail)
    {
        long cutBytes = file.LengthBytes - tail.EndOfChunks;
        try
        {
            file.Truncate(tail.EndOfChunks);
            if (cutBytes > 0)
                NoteCut(file.Name, cutBytes);

            SegmentSink sink = new(file);
            McapScan whole = scan.Mcap.CutAt(tail.EndOfChunks);
            using (McapWriter writer = McapWriter.Continue(sink, whole, SegmentWriter.Options))
                writer.Finish();
            sink.Flush();
            file.Flush();
        }
        catch (IOException error)
        {
            SpoolLog.CannotSeal(log, file.Name, error);
        }
    }

    private void NoteCut(string fileName, long bytes)
    {
        SpoolLog.TailCut(log, fileName, bytes);
        Update(status => status with { BytesCut = status.BytesCut + bytes });
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
