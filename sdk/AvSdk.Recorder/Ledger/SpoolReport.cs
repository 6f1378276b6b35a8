using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording;

/// <summary>What became of the messages of the recordings in a spool, by its files: also while no recorder runs.</summary>
public static class SpoolReport
{
    /// <summary>
    /// Reads ledgers and segments, and changes nothing. A recorder may run on the folder: then what it did in the last
    /// minute may be missing, and deliveries show as pending until they are in the ledger.
    /// </summary>
    /// <param name="folder">The spool's folder.</param>
    /// <param name="recordingId">Null: all recordings, oldest first.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IReadOnlyList<LedgerReport> Read(string folder, Guid? recordingId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        string path = Path.GetFullPath(folder);
        if (!Directory.Exists(path))
            throw new IOException($"There is no folder {path}: name the folder of a spool.");
        using ReadOnlySpoolFiles files = new(path);
        return Read(files, recordingId);
    }

    private static List<LedgerReport> Read(ReadOnlySpoolFiles files, Guid? recordingId)
    {
        SortedDictionary<Guid, (string? Ledger, List<SegmentName> Segments)> found =
            new(Comparer<Guid>.Create(RecordingIds.Compare));
        foreach (SpoolFileEntry file in files.List())
        {
            string name = file.Name;
            if (LedgerFile.TryParse(name, out Guid id) && (recordingId ?? id) == id)
            {
                // The one without ".new" counts, if there is one.
                (string? other, List<SegmentName> segments) = found.GetValueOrDefault(id, (null, []));
                found[id] = (other is null || name.Length < other.Length ? name : other, segments);
            }
            else if (SegmentFormat.TryParse(name, out SegmentName segment)
                && (recordingId ?? segment.RecordingId) == segment.RecordingId)
            {
                if (!found.TryGetValue(segment.RecordingId, out (string?, List<SegmentName> Segments) known))
                    found.Add(segment.RecordingId, known = (null, []));
                known.Segments.Add(segment);
            }
        }

        return [.. found.Select(each => Read(files.Name, each.Key, each.Value.Ledger, each.Value.Segments))];
    }

    private static LedgerReport Read(string folder, Guid id, string? ledgerName, List<SegmentName> segments)
    {
        LedgerScan scan = new();
        byte[] bytes = [];
        if (ledgerName is not null && ReadOnlySpoolFile.TryOpen(folder, ledgerName) is { } ledger)
        {
            using (ledger)
            {
                bytes = new byte[ledger.LengthBytes];
                Array.Resize(ref bytes, ledger.Read(0, bytes));
            }

            scan = LedgerScan.Run(bytes);
        }

        RecordingInfo info = scan.Entries.Count > 0 && scan.Entries[0].Entry.Began is { } began
            ? began.Recording
            : new RecordingInfo { RecordingId = RecordingIds.ToBytes(id) };
        RecordingDefinitions definitions = new();
        List<LedgerChunkFact> chunks = [];
        foreach (SegmentName name in segments.OrderBy(static name => name.FirstSequence))
        {
            using ISpoolFile? file = ReadOnlySpoolFile.TryOpen(folder, name.FileName);
            // Deleted meanwhile, or not readable: its chunks then are in no count, which the report shows.
            if (file is null || SegmentScan.TryRead(file, name, out _) is not { } segment)
                continue;
            if (info.VehicleId.Length == 0)
                info = segment.Recording;
            segment.AddDefinitionsTo(definitions, name.Lane);
            foreach (ScannedChunk chunk in segment.Chunks)
            {
                if (chunk.Record?.Header is { } header)
                {
                    chunks.Add(new LedgerChunkFact(
                        name.Lane, chunk.Sequence, false, header.FirstLogTime, header.LastLogTime, header.Sha256,
                        header.Channels));
                }
            }
        }

        return LedgerReconciliation.Reconcile(new LedgerSources
        {
            Recording = info,
            IsAtGateway = false,
            Entries = scan.Entries.ConvertAll(static each => each.Entry),
            Parts = Parts(scan, bytes),
            Channels = definitions.Channels,
            Chunks = chunks,
        });
    }

    private static List<LedgerPart> Parts(LedgerScan scan, byte[] bytes)
    {
        List<LedgerPart> parts = [];
        int start = 0;
        for (int at = 1; at <= scan.Entries.Count; at++)
        {
            if (at < scan.Entries.Count && scan.Entries[at].Entry.Began is null)
                continue;
            (_, int offset, int length) = scan.Entries[at - 1];
            Google.Protobuf.ByteString head = LedgerChain.Hash(
                bytes.AsSpan(offset + LedgerFraming.PrefixBytes, length - LedgerFraming.PrefixBytes));
            parts.Add(LedgerParts.Summarise(
                scan.Entries[start].Entry.Began?.Part ?? 0,
                scan.Entries.GetRange(start, at - start).Select(static each => each.Entry), head,
                at == scan.Entries.Count ? scan.Damage ?? "" : ""));
            start = at;
        }

        return parts;
    }
}
