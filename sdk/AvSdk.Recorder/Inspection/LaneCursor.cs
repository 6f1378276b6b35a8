using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>The chunks of one lane, segment after segment, without their bodies. One file is open at a time.</summary>
internal sealed class LaneCursor(ISpoolFiles files, IEnumerable<SpoolContentsSegment> segments, List<SpoolFinding> leftOut)
{
    private readonly Queue<SpoolContentsSegment> _segments = new(segments);
    private ulong _supersededFrom;
    private int _at;

    public ISpoolFile File { get; private set; } = null!;

    public SegmentScan Scan { get; private set; } = null!;

    public string FileName => File.Name;

    public ScannedChunk Current => Scan.Chunks[_at];

    /// <summary>
    /// The last chunk of a segment without an end: a kill, or its writer beside us, may have left it unfinished.
    /// </summary>
    public bool IsAtTail => !Scan.Mcap.IsSealed && _at == Scan.Chunks.Count - 1;

    /// <summary>Of the current chunk; of one without a record that of nothing else.</summary>
    public ulong FirstLogTime => Current.Record?.Header.FirstLogTime ?? 0;

    /// <summary>False: that was the last one, and its file is closed.</summary>
    public bool MoveNext()
    {
        _at++;
        while (Scan is null || _at >= Scan.Chunks.Count || Current.Sequence >= _supersededFrom)
        {
            File?.Dispose();
            if (!_segments.TryDequeue(out SpoolContentsSegment next))
                return false;
            Scan = null!;
            Open(next);
        }

        return true;
    }

    private void Open(in SpoolContentsSegment segment)
    {
        try
        {
            File = files.Open(segment.Name.FileName);
        }
        catch (FileNotFoundException)
        {
            // Delivered or evicted since the folder was listed.
            return;
        }

        _at = 0;
        _supersededFrom = segment.SupersededFrom;
        if (SegmentScan.TryRead(File, segment.Name, out string problem) is { } scan)
            Scan = scan;
        else if (!RecoveredTail.IsTornBeginning(File))
            leftOut.Add(new SpoolFinding(segment.Name.FileName, null, true, problem));
    }
}
