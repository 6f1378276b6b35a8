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
//   cannot be read      tried again for ten minutes, so that no source is told less than it had come; then it is
//                       put aside as damaged
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>Finds and repairs what earlier recordings left. Run once.</summary>
internal sealed class SpoolRecovery(
    ISpoolFiles files, SpoolIndex index, SpoolJournal journal, Guid ownRecordingId, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromMinutes(10);

    private RecoveryStatus _status = new(false, 0, 0, 0, 0, 0);

    public RecoveryStatus Status => Volatile.Read(ref _status);

    /// <summary>
    /// Never throws. Ends when everything was read or given up; or on cancellation, without <see
    /// cref="RecoveryStatus.IsDone"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        Dictionary<Guid, FoundRecording>? found = null;
        for (TimeSpan retry = FirstRetry; ; retry = retry * 2 < RetryMax ? retry * 2 : RetryMax)
        {
            bool givesUp = time.GetElapsedTime(begin) >= GivesUpAfter;
            try
            {
                if (journal.TryLoad(givesUp))
                    RecoverAll(found ??= Find(), givesUp, cancellationToken);
                if (found is { Count: 0 } || (givesUp && found is null))
                    break;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                SpoolLog.RecoveryFailed(log, files.Name, error);
                if (givesUp)
                    break;
            }

            await Task.Delay(retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
        }

        Update(status => status with { IsDone = true });
        if (Status.Recordings > 0)
            SpoolLog.Recovered(log, Status.Recordings, Status.Segments, Status.Chunks);
    }

    // Takes away what is done.
    private void RecoverAll(Dictionary<Guid, FoundRecording> found, bool givesUp, CancellationToken cancellationToken)
    {
        foreach (Guid id in found.Keys.Order(Comparer<Guid>.Create(RecordingIds.Compare)).ToArray())
        {
            if (RecoverRecording(found[id], givesUp, cancellationToken))
                found.Remove(id);
            if (cancellationToken.IsCancellationRequested)
                return;
        }
    }

    private Dictionary<Guid, FoundRecording> Find()
    {
        Dictionary<Guid, FoundRecording> found = [];
        int damagedFiles = 0;
        foreach (SpoolFileEntry entry in files.List())
        {
            if (entry.Name.EndsWith(SegmentFormat.DamagedExtension, StringComparison.Ordinal))
                damagedFiles++;
            if (!SegmentFormat.TryParse(entry.Name, out SegmentName name) || name.RecordingId == ownRecordingId)
                continue;
            if (!found.TryGetValue(name.RecordingId, out FoundRecording? recording))
                found.Add(name.RecordingId, recording = new FoundRecording(name.RecordingId));
            recording.Names.Add(name);
        }

        foreach (Guid id in journal.Read(static state => state.Recordings.Keys.ToArray()))
        {
            if (id != ownRecordingId)
                found.TryAdd(id, new FoundRecording(id));
        }

        foreach (FoundRecording recording in found.Values)
        {
            recording.Names.Sort(static (x, y) =>
                (x.Lane, x.FirstSequence, x.Attempt).CompareTo((y.Lane, y.FirstSequence, y.Attempt)));
        }

        Update(status => status with { DamagedFiles = damagedFiles, Recordings = found.Count });
        return found;
    }

    /// <summary>False: some of it could not be read and is to be tried again.</summary>
    private bool RecoverRecording(FoundRecording found, bool givesUp, CancellationToken cancellationToken)
    {
        JournalState.RecordingState? known = journal.Read(state => state.Recordings.GetValueOrDefault(found.Id));
        RecordingInfo info = known?.Info ?? new RecordingInfo { RecordingId = RecordingIds.ToBytes(found.Id) };
        SpoolRecording recording = index.AddRecording(found.Id, info);
        List<SegmentName> names = found.Names;
        for (int at = 0; at < names.Count; at++)
        {
            if (cancellationToken.IsCancellationRequested)
                return false;
            if (found.Done.Contains(names[at]))
                continue;
            ulong supersededFrom = at + 1 < names.Count && names[at + 1].Lane == names[at].Lane
                ? names[at + 1].FirstSequence
                : ulong.MaxValue;
            if (TryRecoverSegment(recording, names[at], supersededFrom, known, found.End, givesUp))
                found.Done.Add(names[at]);
        }

        if (found.Done.Count < names.Count)
            return false;
        if (known?.End is not null || known?.EndTold == true)
            index.RestoreEnd(recording, known.End, known.EndTold);
        else
            index.SetEnd(recording, found.End.ToRecordingEnd(known));
        return true;
    }

    private bool TryRecoverSegment(
        SpoolRecording recording, SegmentName name, ulong supersededFrom, JournalState.RecordingState? known,
        RecoveredEnd end, bool givesUp)
    {
        try
        {
            RecoverSegment(recording, name, supersededFrom, known, end);
        }
        catch (FileNotFoundException)
        {
            // Deleted as torn, and then the disk failed.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SpoolLog.RecoveryFailed(log, name.FileName, error);
            if (!givesUp)
                return false;
            TryPutAside(name, "it cannot be read: " + error.Message);
        }

        return true;
    }

    private void RecoverSegment(
        SpoolRecording recording, SegmentName name, ulong supersededFrom, JournalState.RecordingState? known,
        RecoveredEnd end)
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
            Repair(file, scan, tail);
        }

        scan.AddDefinitionsTo(
            recording.Definitions, name.Lane,
            tail.Chunks.SelectMany(static chunk => chunk.Record.Header.Channels)
                .Select(static channel => channel.ChannelId).ToHashSet());
        SpoolSegment segment = index.AddSegment(recording, index.Lane(name.Lane), name.FileName, name.FirstSequence);
        segment.IsDamaged = tail.IsDamaged;
        index.SetLength(segment, file.LengthBytes);
        AddChunks(segment, tail, known, end);
        index.Close(segment);
        Update(static status => status with { Segments = status.Segments + 1 });
    }

    private void AddChunks(
        SpoolSegment segment, RecoveredTail tail, JournalState.RecordingState? known, RecoveredEnd end)
    {
        foreach ((ChunkRecord record, ChunkPlace place) in tail.Chunks)
        {
            ulong sequence = record.Header.Ref.Sequence;
            ChunkEnd ended = known?.EndOf(segment.Lane.Name, sequence) ?? ChunkEnd.Pending;
            index.AddChunk(segment, sequence, place, record.Positions, ended);
            end.Add(segment.Lane.Name, record.Header);
            if (ended == ChunkEnd.Pending)
                Update(static status => status with { Chunks = status.Chunks + 1 });
        }
    }

    // Whoever wrote it may have been killed before it flushed: what sources are told from it must not go with the
    // power. So it is flushed whether or not there was room to seal it.
    private void Repair(ISpoolFile file, SegmentScan scan, RecoveredTail tail)
    {
        long cutBytes = file.LengthBytes - tail.EndOfChunks;
        file.Truncate(tail.EndOfChunks);
        if (cutBytes > 0)
            NoteCut(file.Name, cutBytes);
        try
        {
            SegmentSink sink = new(file);
            McapScan whole = scan.Mcap.CutAt(tail.EndOfChunks);
            using (McapWriter writer = McapWriter.Continue(sink, whole, SegmentWriter.Options))
                writer.Finish();
            sink.Flush();
        }
        catch (IOException error)
        {
            SpoolLog.CannotSeal(log, file.Name, error);
            file.Truncate(tail.EndOfChunks);
        }

        file.Flush();
    }

    private void NoteCut(string fileName, long bytes)
    {
        SpoolLog.TailCut(log, fileName, bytes);
        Update(status => status with { BytesCut = status.BytesCut + bytes });
    }

    private void TryPutAside(SegmentName name, string problem)
    {
        try
        {
            PutAside(name, problem);
        }
        catch (IOException error)
        {
            SpoolLog.CannotRemove(log, name.FileName, error);
        }
    }

    private void PutAside(SegmentName name, string problem)
    {
        files.Rename(name.FileName, name.FileName + SegmentFormat.DamagedExtension);
        SpoolLog.Damaged(log, name.FileName, problem);
        Update(static status => status with { DamagedFiles = status.DamagedFiles + 1 });
    }

    // One task writes the status; others read it.
    private void Update(Func<RecoveryStatus, RecoveryStatus> change) => Volatile.Write(ref _status, change(_status));

    /// <summary>An earlier recording: its segments in order of lane and sequence, and which are done.</summary>
    private sealed class FoundRecording(Guid id)
    {
        public Guid Id { get; } = id;

        public List<SegmentName> Names { get; } = [];

        public HashSet<SegmentName> Done { get; } = [];

        public RecoveredEnd End { get; } = new(id);
    }
}
