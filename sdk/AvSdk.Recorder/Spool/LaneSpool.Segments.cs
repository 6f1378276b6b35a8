using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>Appending, flushing and sealing; and what happens when the disk refuses.</summary>
internal sealed partial class LaneSpool
{
    private void Append(ClosedChunk chunk)
    {
        if (_hasUntoldLoss && !TryTellLosses())
            throw new IOException("The ledger cannot be written, and is to say what was lost before.");
        _chain.Link(chunk);
        SegmentWriter writer = _segment ??= BeginSegment();
        ChunkPlace place = writer.Append(chunk);
        _context.Index.SetLength(writer.Segment, writer.LengthBytes);
        if (!IsFlushed)
        {
            Commit(chunk, place);
            return;
        }

        _unflushed.Add((chunk, place));
        _unflushedBytes += chunk.Body.Length;
        if (_unflushed.Count == 1 && _lane.Options.Durability is LaneDurability.EveryInterval interval)
            _interval.Change(interval.Window - _lane.Options.OpenTime, Timeout.InfiniteTimeSpan);
    }

    private void FlushHeld()
    {
        _segment!.Flush();
        _interval.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach ((ClosedChunk chunk, ChunkPlace place) in _unflushed)
            Commit(chunk, place);
        _unflushed.Clear();
        _unflushedBytes = 0;
    }

    private void Commit(ClosedChunk chunk, ChunkPlace place)
    {
        _chain.Commit(chunk);
        SpoolSegment segment = _segment!.Segment;
        _context.Index.AddChunk(segment, chunk.Header!, place, chunk.Positions);
        _context.ChunkSpooled(_lane, chunk);
        chunk.Release(_context.Memory);
        _lane.Quota.Return(chunk.QuotaBytes);
    }

    private SegmentWriter BeginSegment()
    {
        ulong first = _chain.NextSequence - 1;
        for (int attempt = 1; ; attempt++)
        {
            string name = SegmentFormat.FileName(_recording.Id, _lane.Name, first, attempt);
            if (_usedNames.Add(name))
            {
                SpoolSegment segment = _context.Index.AddSegment(_recording, _lane, name, first);
                try
                {
                    _segmentStartedAt = _context.Time.GetTimestamp();
                    return SegmentWriter.Create(_context.Files, segment);
                }
                catch
                {
                    _context.Index.Discard(segment);
                    throw;
                }
            }
        }
    }

    // What is committed in it is durable, or as durable as the lane's contract asks.
    private void SealSegment()
    {
        SegmentWriter? writer = _segment;
        if (writer is null)
            return;
        _segment = null;
        using (writer)
        {
            long unsealedBytes = writer.LengthBytes;
            try
            {
                writer.Seal(IsFlushed);
                unsealedBytes = writer.LengthBytes;
            }
            catch (IOException error)
            {
                SpoolLog.CannotSeal(_context.Log, writer.Segment.FileName, error);
                _context.NoteError(error);
                writer.TryCutBack(unsealedBytes);
            }

            _context.Index.SetLength(writer.Segment, unsealedBytes);
        }

        _context.Index.Close(writer.Segment);
    }

    // False: the disk refused to the end, and what was to be written is in the queue again, or lost.
    private async Task<bool> WriteAgainAsync(IOException error, ClosedChunk? failed)
    {
        bool isDisk = true;
        List<ClosedChunk> again = TakeUnflushed();
        if (failed is not null)
            again.Add(failed);
        for (int attempt = 1; attempt < Attempts; attempt++)
        {
            SpoolLog.WriteFailed(_context.Log, _lane.Name, error);
            _context.NoteError(error);
            AbandonSegment();
            if (attempt > 1)
            {
                await Task.Delay(AttemptDelay * (1 << attempt), _context.Time, CancellationToken.None)
                    .ConfigureAwait(false);
            }

            try
            {
                foreach (ClosedChunk chunk in again)
                {
                    // Made or not, it is tried: the disk has the last word.
                    _context.Index.MakeRoom(_lane, chunk.Body.Length);
                    Append(chunk);
                }

                if (IsFlushed)
                    FlushHeld();
                return true;
            }
            catch (Exception next) when (next is not OutOfMemoryException)
            {
                // Not the disk's doing: it would never be taken.
                isDisk = next is IOException;
                error = ToIo(next);
            }
        }

        _context.NoteError(error);
        AbandonSegment();
        if (isDisk)
            await HoldAsync(again, error).ConfigureAwait(false);
        else
            Lose(again, DropReasons.SpoolError, error);
        return !isDisk;
    }

    private List<ClosedChunk> TakeUnflushed() => [.. _unflushed.Select(static entry => entry.Chunk)];

    // Nothing after the last good flush is trusted, and the file is never written again.
    private void AbandonSegment()
    {
        _unflushed.Clear();
        _unflushedBytes = 0;
        _interval.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _chain.Rollback();
        SegmentWriter? writer = _segment;
        if (writer is null)
            return;
        _segment = null;
        SpoolSegment segment = writer.Segment;
        using (writer)
        {
            long keepBytes = IsFlushed ? writer.DurableBytes : CommittedBytes(segment);
            if (writer.TryCutBack(keepBytes))
                _context.Index.SetLength(segment, keepBytes);
        }

        if (segment.Chunks.Count == 0)
            _context.Index.Discard(segment);
        else
            _context.Index.Close(segment);
    }

    private static long CommittedBytes(SpoolSegment segment) =>
        segment.Chunks.Count == 0 ? 0 : segment.Chunks[^1].Place.BodyOffset + segment.Chunks[^1].Place.BodyBytes;

    // Any thread's, where the chunks are.
    private void Lose(List<ClosedChunk> chunks, string reason, IOException error)
    {
        long messages = 0;
        foreach (ClosedChunk chunk in chunks)
        {
            messages += _context.ChunkLost(chunk, reason);
            chunk.Release(_context.Memory);
            _lane.Quota.Return(chunk.QuotaBytes);
        }

        Volatile.Write(ref _lostTo, error);
        Interlocked.Add(ref _lostChunks, chunks.Count);
        _hasUntoldLoss = true;
        if (reason == DropReasons.Disk)
        {
            // Many, one by one: told together.
            _context.Disk.AddDropped(chunks.Count);
            Interlocked.Add(ref _givenUpMessages, messages);
            Interlocked.Add(ref _givenUpChunks, chunks.Count);
            return;
        }

        SpoolLog.ChunksLost(_context.Log, _lane.Name, chunks.Count, messages, error);
    }
}
