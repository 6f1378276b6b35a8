using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>The files of a spool by what they are, in the order in which recovery would take them.</summary>
internal sealed class SpoolContents
{
    private SpoolContents(JournalReading journal) => Journal = journal;

    public JournalReading Journal { get; }

    /// <summary>By recording, oldest first: its segments in order of lane and sequence.</summary>
    public SortedDictionary<Guid, List<SpoolContentsSegment>> Recordings { get; } =
        new(Comparer<Guid>.Create(RecordingIds.Compare));

    /// <summary>Files that were put aside.</summary>
    public List<SpoolDamagedFile> DamagedFiles { get; } = [];

    /// <summary>By recording, its ledger's file; the one without <c>.new</c> counts, if there is one.</summary>
    public SortedDictionary<Guid, string> Ledgers { get; } = new(Comparer<Guid>.Create(RecordingIds.Compare));

    /// <summary>What was being written when its writer was killed, and is worth nothing.</summary>
    public List<string> Leftovers { get; } = [];

    /// <summary>Bytes of all files.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="IOException">The disk refused.</exception>
    public static SpoolContents Find(ISpoolFiles files)
    {
        SpoolContents contents = new(JournalReading.Read(files));
        foreach (SpoolFileEntry entry in files.List())
            contents.Add(entry);
        foreach (Guid id in contents.Journal.State.Recordings.Keys)
            contents.Recordings.TryAdd(id, []);
        foreach (List<SpoolContentsSegment> segments in contents.Recordings.Values)
            Order(segments);
        return contents;
    }

    private void Add(SpoolFileEntry entry)
    {
        Bytes += entry.LengthBytes;
        if (entry.Name.EndsWith(SegmentFormat.DamagedExtension, StringComparison.Ordinal))
        {
            DamagedFiles.Add(new SpoolDamagedFile(entry.Name, entry.LengthBytes));
        }
        else if (entry.Name.EndsWith(SegmentFormat.Extension + SpoolRepair.NewExtension, StringComparison.Ordinal))
        {
            Leftovers.Add(entry.Name);
        }
        else if (LedgerFile.TryParse(entry.Name, out Guid ofLedger))
        {
            if (!Ledgers.TryGetValue(ofLedger, out string? other) || entry.Name.Length < other.Length)
                Ledgers[ofLedger] = entry.Name;
        }
        else if (SegmentFormat.TryParse(entry.Name, out SegmentName name))
        {
            if (!Recordings.TryGetValue(name.RecordingId, out List<SpoolContentsSegment>? segments))
                Recordings.Add(name.RecordingId, segments = []);
            segments.Add(new SpoolContentsSegment(name, entry.LengthBytes, ulong.MaxValue));
        }
    }

    // A later segment of the lane has what an earlier one has from there on: see SpoolRecovery.
    private static void Order(List<SpoolContentsSegment> segments)
    {
        segments.Sort(static (x, y) => (x.Name.Lane, x.Name.FirstSequence, x.Name.Attempt)
            .CompareTo((y.Name.Lane, y.Name.FirstSequence, y.Name.Attempt)));
        for (int at = 0; at + 1 < segments.Count; at++)
        {
            if (segments[at + 1].Name.Lane == segments[at].Name.Lane)
                segments[at] = segments[at] with { SupersededFrom = segments[at + 1].Name.FirstSequence };
        }
    }
}

/// <param name="Name">Its name.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="SupersededFrom">Chunks from this sequence on are another segment's.</param>
internal readonly record struct SpoolContentsSegment(SegmentName Name, long LengthBytes, ulong SupersededFrom);
