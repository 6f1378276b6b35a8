namespace AvSdk.Recording.Spool;

/// <summary>How far sources had come, before everything else: their clients wait for it.</summary>
internal sealed partial class SpoolRecovery
{
    private readonly TaskCompletionSource _positionsKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when no segment is left that could tell more of a source.</summary>
    public Task PositionsKnown => _positionsKnown.Task;

    /// <summary>
    /// Segments whose end tells it wait their turn; the others, those that a kill left without an end among them, are
    /// recovered now. False: some of it could not be read and is to be tried again.
    /// </summary>
    private bool TryFindPositions(bool givesUp, CancellationToken cancellationToken)
    {
        if (_positionsKnown.Task.IsCompleted)
            return true;
        bool allAreKnown = true;
        foreach (FoundRecording recording in InOrder())
        {
            bool needsMore = false;
            for (int at = 0; at < recording.Segments.Count; at++)
            {
                FoundSegment segment = recording.Segments[at];
                if (!segment.IsDone && !segment.PositionsAreKnown)
                    needsMore |= !(segment.PositionsAreKnown = TryReadPositions(segment.Name, SupersededFrom(recording, at)));
            }

            if (needsMore && !recording.IsDone)
                allAreKnown &= RecoverRecording(recording, givesUp, positionsOnly: true, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
                return false;
        }

        if (allAreKnown)
            _positionsKnown.TrySetResult();
        return allAreKnown;
    }

    private bool TryReadPositions(SegmentName name, ulong supersededFrom)
    {
        try
        {
            using ISpoolFile file = files.Open(name.FileName);
            if (SegmentPositions.TryRead(file, name, supersededFrom) is not { } positions)
                return false;
            index.NotePositions(positions);
            return true;
        }
        catch (IOException)
        {
            // It is read again with its chunks, and what the disk said is told then.
            return false;
        }
    }

    private static ulong SupersededFrom(FoundRecording found, int at) =>
        at + 1 < found.Segments.Count && found.Segments[at + 1].Name.Lane == found.Segments[at].Name.Lane
            ? found.Segments[at + 1].Name.FirstSequence
            : ulong.MaxValue;

    private IEnumerable<FoundRecording> InOrder() =>
        _found.Keys.Order(Comparer<Guid>.Create(RecordingIds.Compare)).Select(id => _found[id]);
}
