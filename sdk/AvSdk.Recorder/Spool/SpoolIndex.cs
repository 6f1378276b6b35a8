using AvSdk.Contracts.V1;
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
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<Guid, SpoolRecording> _recordings = [];
    private readonly Dictionary<string, SpoolLane> _lanes = new(StringComparer.Ordinal);
    private readonly SegmentReaders _readers;

    public SpoolIndex(
        ISpoolFiles files, SpoolJournal journal, RecorderOptions options, TimeProvider time, ILogger log)
    {
        _files = files;
        _journal = journal;
        _options = options;
        _time = time;
        _log = log;
        _readers = new SegmentReaders(files);
        foreach (LaneOptions lane in options.Lanes)
            _lanes.Add(lane.Name, new SpoolLane(lane));
    }

    /// <summary>Told each chunk that is in the spool from now on.</summary>
    public Action<SpoolChunk>? ChunkAdded { get; set; }

    /// <summary>Told each chunk that ended, with what it held if that can be read.</summary>
    public Action<SpoolChunk, ChunkHeader?>? ChunkEnded { get; set; }

    /// <summary>The lane of a name; of one that is configured no more, with the defaults.</summary>
    public SpoolLane Lane(string name)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(name, out SpoolLane? lane))
                _lanes.Add(name, lane = new SpoolLane(new LaneOptions { Name = name }));
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

    public SpoolSegment AddSegment(SpoolRecording recording, SpoolLane lane, string fileName, ulong firstSequence)
    {
        SpoolSegment segment = new(recording, lane, fileName, firstSequence);
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
        }

        segment.Lane.Quota.Store(change);
    }

    /// <summary>Adds a chunk; <paramref name="end"/> says whether it is pending.</summary>
    public SpoolChunk AddChunk(
        SpoolSegment segment, ulong sequence, in ChunkPlace place, IReadOnlyList<SourcePosition> positions,
        ChunkEnd end = ChunkEnd.Pending)
    {
        SpoolChunk chunk = new(segment, sequence, place) { End = end };
        lock (_gate)
        {
            segment.Chunks.Add(chunk);
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
                segment.Lane.PendingBytes += chunk.BodyBytes;
            }
        }

        if (end == ChunkEnd.Pending)
            ChunkAdded?.Invoke(chunk);
        return chunk;
    }

    /// <summary>Nothing is added to the segment any more.</summary>
    public void Close(SpoolSegment segment)
    {
        long removable = 0;
        lock (_gate)
        {
            segment.IsClosed = true;
            if (segment.Lane.Options.WhenFull == WhenFull.EvictOldest)
                removable = segment.LengthBytes;
        }

        if (removable > 0)
            segment.Lane.Quota.AddRemovable(removable);
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
            if (!EndHeld(chunk, end, reason))
                return false;
            if (end == ChunkEnd.Damaged)
                chunk.Segment.IsDamaged = true;
        }

        _journal.Append(new JournalRecord.ChunksEnded(
            chunk.Segment.Recording.Id, chunk.Segment.Lane.Name, end, chunk.Sequence, chunk.Sequence, reason));
        ChunkEnded?.Invoke(chunk, header);
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
            foreach (SpoolSegment segment in _lanes.Values.SelectMany(static lane => lane.Segments))
            {
                foreach (((ByteString source, string topic), ulong messages) in segment.Positions ?? [])
                    Add(source, topic, messages);
            }
        }

        return _journal.Read(state =>
        {
            foreach (((ByteString source, string topic), (ulong messages, _)) in state.Positions)
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

    /// <summary>Reads a chunk's header from its private record.</summary>
    /// <exception cref="ChunkDamagedException">It is gone, or is not this chunk's.</exception>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public ChunkHeader ReadHeader(SpoolChunk chunk)
    {
        byte[] content = new byte[chunk.Place.RecordBytes];
        Read(chunk, chunk.Place.RecordOffset, content);
        ChunkHeader header = RecordCheck.TryOpen(content, id => chunk.Segment.Recording.Definitions.Find(id)?.Channel)?.Header
            ?? throw new ChunkDamagedException($"The record of chunk {chunk}, or a definition that it needs, is damaged.");

        // Announced under another name, its receipt would never be matched, and its parts would fit nothing.
        return header.Ref is { } name
            && name.RecordingId == RecordingIds.ToBytes(chunk.Segment.Recording.Id)
            && name.Lane == chunk.Segment.Lane.Name
            && name.Sequence == chunk.Sequence
            && header.BodyBytes == (ulong)chunk.BodyBytes
            ? header
            : throw new ChunkDamagedException($"The record of chunk {chunk} is not this chunk's.");
    }

    /// <summary>Reads from a chunk's body.</summary>
    /// <exception cref="ChunkDamagedException">It is gone, or cut.</exception>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public void ReadBody(SpoolChunk chunk, long offset, Span<byte> destination) =>
        Read(chunk, chunk.Place.BodyOffset + offset, destination);

    public long PendingChunks
    {
        get
        {
            lock (_gate)
                return _lanes.Values.Sum(static lane => lane.PendingChunks);
        }
    }

    /// <summary>How a lane is doing.</summary>
    public LaneStatus Status(string laneName, ulong lastSequence)
    {
        SpoolLane lane = Lane(laneName);
        lock (_gate)
        {
            return new LaneStatus(
                laneName, lastSequence, lane.PendingChunks, lane.PendingBytes, lane.Quota.StoredBytes,
                lane.Quota.IsFull);
        }
    }

    public void Dispose() => _readers.Dispose();

    private static bool EndHeld(SpoolChunk chunk, ChunkEnd end, string reason)
    {
        if (chunk.End != ChunkEnd.Pending)
            return false;
        chunk.End = end;
        chunk.EndReason = reason;
        SpoolSegment segment = chunk.Segment;
        segment.PendingChunks--;
        segment.Lane.PendingChunks--;
        segment.Lane.PendingBytes -= chunk.BodyBytes;
        return true;
    }

    private void Read(SpoolChunk chunk, long offset, Span<byte> destination)
    {
        try
        {
            _readers.Read(chunk.Segment.FileName, offset, destination);
        }
        catch (Exception error) when (error
            is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            throw new ChunkDamagedException($"Chunk {chunk} is not in the spool: {error.Message}", error);
        }
    }

    private ChunkHeader? TryReadHeader(SpoolChunk chunk)
    {
        try
        {
            return ReadHeader(chunk);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
