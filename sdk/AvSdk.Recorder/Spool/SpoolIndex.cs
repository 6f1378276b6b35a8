using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>
/// What lies in the spool and what becomes of it: recordings, lanes, segments, chunks. Safe for any number of
/// threads.
/// </summary>
/// <remarks>
/// Invariants: a chunk ends once. A segment's file is deleted only when all its chunks have ended and the
/// journal says so; positions of sources that stand in it are durable in the journal before.
/// </remarks>
internal sealed partial class SpoolIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ISpoolFiles _files;
    private readonly SpoolJournal _journal;
    private RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<Guid, SpoolRecording> _recordings = [];
    private readonly Dictionary<string, SpoolLane> _lanes = new(StringComparer.Ordinal);
    // Told by the ends of segments that recovery has not come to.
    private readonly Dictionary<(ByteString Source, string Topic), ulong> _positionsAhead = [];
    private readonly SegmentReaders _readers;
    private readonly SpoolRoom _room;
    private readonly SpoolReserve _reserve;

    public SpoolIndex(
        ISpoolFiles files, SpoolJournal journal, RecorderOptions options, TimeProvider time, ILogger log)
    {
        _files = files;
        _journal = journal;
        _options = options;
        _time = time;
        _log = log;
        _readers = new SegmentReaders(files);
        _reserve = new SpoolReserve(files, log);
        _room = new SpoolRoom(options);
        foreach (LaneOptions lane in options.Lanes)
            _lanes.Add(lane.Name, new SpoolLane(lane, _room));
        _room.SetFree(FreeBytes());
        RestoreMarks();
    }

    /// <summary>The recording that goes on; null: none was begun yet.</summary>
    public SpoolRecording? Current { get; set; }

    /// <summary>The ledgers, told of every chunk that ended; a recording is forgotten when its own was told.</summary>
    public SpoolLedgers? Ledgers { get; init; }

    /// <summary>Told each chunk that is in the spool from now on.</summary>
    public Action<SpoolChunk>? ChunkAdded { get; set; }

    /// <summary>
    /// Told what a chunk held that ended, if that can be read, before anybody sees that it ended: under the gate, so it must
    /// not call back.
    /// </summary>
    public Action<SpoolChunk, ChunkHeader>? ChunkCounted { get; set; }

    /// <summary>Told each chunk that ended.</summary>
    public Action<SpoolChunk>? ChunkEnded { get; set; }

    /// <summary>Told chunks that a mark makes urgent.</summary>
    public Action<IReadOnlyList<SpoolChunk>>? ChunksMarked { get; set; }

    /// <summary>The lane of a name; of one that is configured no more, with the defaults.</summary>
    public SpoolLane Lane(string name)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(name, out SpoolLane? lane))
                _lanes.Add(name, lane = new SpoolLane(new LaneOptions { Name = name }, _room));
            return lane;
        }
    }

    public SpoolRecording AddRecording(Guid id, RecordingInfo info)
    {
        lock (_gate)
        {
            if (!_recordings.TryGetValue(id, out SpoolRecording? recording))
                _recordings.Add(id, recording = new SpoolRecording(id, info));
            return recording;
        }
    }

    public SpoolRecording? FindRecording(Guid id)
    {
        lock (_gate)
            return _recordings.GetValueOrDefault(id);
    }

    /// <summary>Recordings whose end is known and not told.</summary>
    public IReadOnlyList<SpoolRecording> EndsToTell()
    {
        lock (_gate)
            return [.. _recordings.Values.Where(static recording => recording is { End: not null, IsEndTold: false })];
    }

    /// <summary>A segment that is being written, or with its beginning one that an earlier run wrote.</summary>
    public SpoolSegment AddSegment(
        SpoolRecording recording, SpoolLane lane, string fileName, ulong firstSequence, ulong? begunAtUnix = null)
    {
        ulong now = Nanoseconds(_time.GetUtcNow());
        SpoolSegment segment = new(recording, lane, fileName, firstSequence)
        {
            BegunAt = _time.GetTimestamp() - Ticks(begunAtUnix is { } begun ? AgeOf(begun, now) : TimeSpan.Zero),
            BegunAtUnix = begunAtUnix ?? now,
        };
        lock (_gate)
        {
            lane.Insert(segment);
            recording.Segments++;
        }

        return segment;
    }

    /// <summary>The segment's file has this length now.</summary>
    public void SetLength(SpoolSegment segment, long lengthBytes)
    {
        long change;
        lock (_gate)
        {
            change = lengthBytes - segment.LengthBytes;
            segment.LengthBytes = lengthBytes;
            MeasureHeld(segment);
        }

        segment.Lane.Quota.Store(change);
    }

    /// <summary>Adds a chunk; <paramref name="end"/> says whether it is pending.</summary>
    public SpoolChunk AddChunk(
        SpoolSegment segment, ChunkHeader header, in ChunkPlace place, IReadOnlyList<SourcePosition> positions,
        ChunkEnd end = ChunkEnd.Pending, string reason = "")
    {
        SpoolChunk chunk = new(segment, header.Ref.Sequence, place, header.FirstLogTime, header.LastLogTime)
        {
            End = end,
            EndReason = reason,
            RecordedAt = segment.Recording == Current ? _time.GetTimestamp() : segment.BegunAt,
        };
        lock (_gate)
        {
            segment.Chunks.Add(chunk);
            segment.FirstLogTime = Math.Min(segment.FirstLogTime, chunk.FirstLogTime);
            segment.LastLogTime = Math.Max(segment.LastLogTime, chunk.LastLogTime);
            foreach (SourcePosition position in positions)
            {
                segment.Positions ??= [];
                (ByteString, string) key = (position.SourceId, position.Topic);
                segment.Positions[key] = Math.Max(segment.Positions.GetValueOrDefault(key), position.Messages);
            }

            if (end == ChunkEnd.Pending)
            {
                segment.PendingChunks++;
                segment.Lane.PendingChunks++;
                segment.Recording.PendingChunks++;
                segment.Lane.PendingBytes += chunk.BodyBytes;
                if (_marks.Overlap(chunk.FirstLogTime, chunk.LastLogTime))
                    PinHeld(chunk);
            }
        }

        if (end == ChunkEnd.Pending)
            ChunkAdded?.Invoke(chunk);
        return chunk;
    }

    /// <summary>Nothing is added to the segment any more.</summary>
    public void Close(SpoolSegment segment)
    {
        lock (_gate)
        {
            segment.IsClosed = true;
            MeasureHeld(segment);
        }

        if (segment.PendingChunks == 0)
            FinishDelivered(segment);
    }

    /// <summary>A segment without chunks: as if it had never been.</summary>
    public void Discard(SpoolSegment segment)
    {
        lock (_gate)
            segment.IsClosed = true;
        Delete(segment);
    }

    /// <summary>
    /// A chunk ended. False: it had ended before, which a receipt that comes twice may tell.
    /// </summary>
    public bool End(SpoolChunk chunk, ChunkEnd end, string reason = "")
    {
        ChunkHeader? header = TryReadHeader(chunk);
        lock (_gate)
        {
            if (!EndHeld(chunk, end, reason, header))
                return false;
            if (end == ChunkEnd.Damaged)
                chunk.Segment.IsDamaged = true;
            MeasureHeld(chunk.Segment);
        }

        Append([chunk], end, reason);
        ChunkEnded?.Invoke(chunk);
        if (chunk.Segment.IsDelivered)
            FinishDelivered(chunk.Segment);
        return true;
    }

    /// <summary>The end of a recording is known.</summary>
    public void SetEnd(SpoolRecording recording, RecordingEnd end)
    {
        lock (_gate)
            recording.End = end;
        _journal.Append(new JournalRecord.Ended(end));
    }

    /// <summary>As the journal told it.</summary>
    public void RestoreEnd(SpoolRecording recording, RecordingEnd? end, bool isTold)
    {
        lock (_gate)
        {
            recording.End = end;
            recording.IsEndTold = isTold;
        }

        ForgetIfDone(recording);
    }

    /// <summary>A segment that recovery has not come to tells how far sources had come.</summary>
    public void NotePositions(IEnumerable<SourcePosition> positions)
    {
        lock (_gate)
        {
            foreach (SourcePosition position in positions)
            {
                (ByteString, string) key = (position.SourceId, position.Topic);
                _positionsAhead[key] = Math.Max(_positionsAhead.GetValueOrDefault(key), position.Messages);
            }
        }
    }

    /// <summary>By topic, how far a source has come, in segments and in the journal.</summary>
    public IReadOnlyDictionary<string, ulong> Positions(ByteString sourceId)
    {
        Dictionary<string, ulong> positions = new(StringComparer.Ordinal);
        void Add(ByteString source, string topic, ulong messages)
        {
            if (source == sourceId)
                positions[topic] = Math.Max(positions.GetValueOrDefault(topic), messages);
        }

        // Segments first: what leaves them is in the journal before.
        lock (_gate)
        {
            foreach (((ByteString source, string topic), ulong messages) in _positionsAhead)
                Add(source, topic, messages);
            foreach (SpoolSegment segment in _lanes.Values.SelectMany(static lane => lane.Segments))
            {
                foreach (((ByteString source, string topic), ulong messages) in segment.Positions ?? [])
                    Add(source, topic, messages);
            }
        }

        return _journal.Read(state =>
        {
            foreach (((ByteString source, string topic), (ulong messages, _, _)) in state.Positions)
                Add(source, topic, messages);
            return positions;
        });
    }

    /// <summary>The gateway has the end of a recording.</summary>
    public void SetEndTold(SpoolRecording recording)
    {
        lock (_gate)
        {
            if (recording.IsEndTold)
                return;
            recording.IsEndTold = true;
        }

        _journal.Append(new JournalRecord.EndTold(recording.Id));
        ForgetIfDone(recording);
    }

    /// <summary>The chunk of a name, if the spool has it and it is pending.</summary>
    public SpoolChunk? FindPending(ChunkRef chunk)
    {
        if (!RecordingIds.TryRead(chunk.RecordingId, out Guid id))
            return null;
        lock (_gate)
        {
            if (!_lanes.TryGetValue(chunk.Lane, out SpoolLane? lane))
                return null;
            foreach (SpoolSegment segment in lane.Segments)
            {
                if (segment.Recording.Id != id || segment.FirstSequence > chunk.Sequence)
                    continue;
                foreach (SpoolChunk candidate in segment.Chunks)
                {
                    if (candidate.Sequence == chunk.Sequence && candidate.End == ChunkEnd.Pending)
                        return candidate;
                }
            }

            return null;
        }
    }

    /// <summary>Chunks without an end, or without a last word on it.</summary>
    public long PendingChunks
    {
        get
        {
            lock (_gate)
                return _lanes.Values.Sum(static lane => lane.PendingChunks) + _evictedOnTheirWay.Count;
        }
    }

    /// <summary>How a lane is doing.</summary>
    public LaneStatus Status(string laneName, ulong lastSequence)
    {
        SpoolLane lane = Lane(laneName);
        lock (_gate)
        {
            string? fullReason = lane.Quota.FullReason;
            return new LaneStatus(
                laneName, lastSequence, lane.PendingChunks, lane.PendingBytes, lane.Quota.StoredBytes,
                fullReason is not null)
            {
                FullReason = fullReason,
                PinnedChunks = lane.PinnedChunks,
            };
        }
    }

    public void Dispose() => _readers.Dispose();

    private bool EndHeld(SpoolChunk chunk, ChunkEnd end, string reason, ChunkHeader? header)
    {
        if (chunk.End != ChunkEnd.Pending)
            return false;
        chunk.EndReason = reason;
        chunk.End = end;
        if (!IsOnItsWayHeld(chunk, end, header))
            CountHeld(chunk, header);
        SpoolSegment segment = chunk.Segment;
        segment.PendingChunks--;
        segment.Lane.PendingChunks--;
        segment.Recording.PendingChunks--;
        segment.Lane.PendingBytes -= chunk.BodyBytes;
        if (chunk.IsPinned)
            UnpinHeld(chunk);
        return true;
    }

    // With the count of pending chunks: who sees none sees the ledger and the counts that say so.
    private void CountHeld(SpoolChunk chunk, ChunkHeader? header)
    {
        Ledgers?.NoteEnd(chunk, header);
        if (header is not null)
            ChunkCounted?.Invoke(chunk, header);
    }
}
