using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>Lists a spool.</summary>
internal static class SpoolLister
{
    public static SpoolListing Run(ISpoolFiles files, CancellationToken cancellationToken)
    {
        SpoolContents contents = SpoolContents.Find(files);
        List<ListedRecording> recordings = [];
        foreach ((Guid id, List<SpoolContentsSegment> segments) in contents.Recordings)
        {
            JournalState.RecordingState? known = contents.Journal.State.Recordings.GetValueOrDefault(id);
            SortedDictionary<string, LaneTally> lanes = new(StringComparer.Ordinal);
            RecordingInfo? info = known?.Info;
            foreach (SpoolContentsSegment segment in segments)
            {
                cancellationToken.ThrowIfCancellationRequested();
                LaneTally lane = Lane(lanes, segment.Name.Lane);
                info = Add(files, segment, lane, known) ?? info;
            }

            foreach (((string name, ChunkEnd end, _), SequenceRanges ranges) in known?.Chunks ?? [])
            {
                foreach ((ulong first, ulong last) in ranges.Ranges)
                    Lane(lanes, name).Add(end, (long)(last - first + 1));
            }

            recordings.Add(new ListedRecording(
                id, info?.VehicleId ?? "", info?.StartedAt ?? 0, known?.End is not null || known?.EndTold == true,
                known?.EndTold == true, [.. lanes.Select(static lane => lane.Value.ToListed(lane.Key))]));
        }

        return new SpoolListing(
            recordings, contents.DamagedFiles, contents.Journal is { IsThere: true, IsDamaged: false }, contents.Bytes);
    }

    private static RecordingInfo? Add(
        ISpoolFiles files, in SpoolContentsSegment segment, LaneTally lane, JournalState.RecordingState? known)
    {
        ISpoolFile file;
        try
        {
            file = files.Open(segment.Name.FileName);
        }
        catch (FileNotFoundException)
        {
            // Delivered or evicted since the folder was listed.
            return null;
        }

        using (file)
        {
            lane.Segments++;
            lane.Bytes += file.LengthBytes;
            if (SegmentScan.TryRead(file, segment.Name, out _) is not { } scan)
            {
                lane.Unreadable++;
                return null;
            }

            foreach (ScannedChunk chunk in scan.Chunks)
            {
                if (chunk.Sequence >= segment.SupersededFrom)
                    break;
                lane.Add(chunk, known?.EndOf(segment.Name.Lane, chunk.Sequence) ?? ChunkEnd.Pending);
            }

            return scan.Recording;
        }
    }

    private static LaneTally Lane(SortedDictionary<string, LaneTally> lanes, string name)
    {
        if (!lanes.TryGetValue(name, out LaneTally? lane))
            lanes.Add(name, lane = new LaneTally());
        return lane;
    }

    private sealed class LaneTally
    {
        private readonly long[] _ends = new long[4];
        private long _chunks;
        private ulong _messages;
        private ulong _firstLogTime = ulong.MaxValue;
        private ulong _lastLogTime;

        public int Segments { get; set; }

        public int Unreadable { get; set; }

        public long Bytes { get; set; }

        // Those that have ended are counted by the journal, which has those whose files are gone too.
        public void Add(in ScannedChunk chunk, ChunkEnd end)
        {
            _chunks++;
            if (end == ChunkEnd.Pending)
                Add(ChunkEnd.Pending, 1);
            if (chunk.Record?.Header is not { } header)
                return;
            _messages += header.MessageCount();
            _firstLogTime = Math.Min(_firstLogTime, header.FirstLogTime);
            _lastLogTime = Math.Max(_lastLogTime, header.LastLogTime);
        }

        public void Add(ChunkEnd end, long chunks)
        {
            if ((int)end < _ends.Length)
                _ends[(int)end] += chunks;
        }

        public ListedLane ToListed(string name)
        {
            bool hasTimes = _firstLogTime <= _lastLogTime;
            return new ListedLane(
                name, Segments, _chunks, _messages, Bytes, hasTimes ? _firstLogTime : null, hasTimes ? _lastLogTime : null,
                new ListedEnds(
                    _ends[(int)ChunkEnd.Pending], _ends[(int)ChunkEnd.Delivered], _ends[(int)ChunkEnd.Evicted],
                    _ends[(int)ChunkEnd.Damaged]),
                Unreadable);
        }
    }
}
