using System.Globalization;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording.Inspection;

/// <summary>Checks a spool.</summary>
internal sealed class SpoolCheck
{
    private readonly List<SpoolFinding> _findings = [];
    private int _segments;
    private long _chunks;
    private ulong _messages;
    private long _bytes;

    public static SpoolCheckReport Run(ISpoolFiles files, CancellationToken cancellationToken)
    {
        SpoolContents contents = SpoolContents.Find(files);
        SpoolCheck check = new();
        check.CheckJournal(contents.Journal);
        foreach (string ledger in contents.Ledgers.Values)
            check.CheckLedger(files, ledger);
        foreach (SpoolDamagedFile file in contents.DamagedFiles)
            check.Note(file.Name, null, $"was put aside as damaged, {file.Bytes} bytes");
        foreach (string file in contents.Leftovers)
            check.Note(file, null, "was left unfinished by a kill");
        foreach ((Guid id, List<SpoolContentsSegment> segments) in contents.Recordings)
            check.CheckRecording(files, segments, contents.Journal.State.Recordings.GetValueOrDefault(id), cancellationToken);
        return new SpoolCheckReport(check._segments, check._chunks, check._messages, check._bytes, check._findings);
    }

    private void CheckJournal(JournalReading journal)
    {
        if (journal.IsDamaged)
            Damage(SpoolJournal.FileName, null, "is damaged before its end; what it says of chunks is incomplete");
        else if (journal.TornBytes > 0)
            Note(SpoolJournal.FileName, null, $"{journal.TornBytes} bytes at its end were left unfinished by a kill");
    }

    private void CheckLedger(ISpoolFiles files, string name)
    {
        byte[] bytes;
        try
        {
            using ISpoolFile file = files.Open(name);
            bytes = new byte[checked((int)file.LengthBytes)];
            Array.Resize(ref bytes, file.Read(0, bytes));
        }
        catch (FileNotFoundException)
        {
            // Told, and forgotten since the folder was listed.
            return;
        }

        _bytes += bytes.Length;
        LedgerScan scan = LedgerScan.Run(bytes);
        if (scan.Damage is { } damage)
            Damage(name, null, $"the ledger is damaged after {scan.Entries.Count} whole entries: {damage}");
        else if (scan.RestBytes > 0)
            Note(name, null, $"{scan.RestBytes} bytes at its end were left unfinished by a kill");
    }

    private void CheckRecording(
        ISpoolFiles files, List<SpoolContentsSegment> segments, JournalState.RecordingState? known,
        CancellationToken cancellationToken)
    {
        string lane = "";
        (ulong Sequence, ByteString Sha256)? before = null;
        foreach (SpoolContentsSegment segment in segments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (segment.Name.Lane != lane)
                (lane, before) = (segment.Name.Lane, null);
            try
            {
                using ISpoolFile file = files.Open(segment.Name.FileName);
                _segments++;
                _bytes += file.LengthBytes;
                Check(InspectedSegment.Read(file, segment), known, ref before);
            }
            catch (FileNotFoundException)
            {
                // Delivered or evicted since the folder was listed; the chain goes on behind it.
                before = null;
            }
        }
    }

    private void Check(
        InspectedSegment segment, JournalState.RecordingState? known, ref (ulong Sequence, ByteString Sha256)? before)
    {
        string file = segment.Name.FileName;
        if (segment.Scan is null)
        {
            Add(file, null, segment.IsDamaged, segment.IsDamaged ? segment.Problem : "was left unfinished by a kill");
            return;
        }

        foreach (InspectedChunk chunk in segment.Chunks)
        {
            ulong sequence = chunk.Chunk.Sequence;
            if (chunk.Problem.Length > 0)
            {
                Damage(file, sequence, chunk.Problem);
                // What follows it is no gap.
                before = null;
                continue;
            }

            _chunks++;
            Contracts.V1.ChunkHeader header = chunk.Chunk.Record!.Header;
            _messages += header.MessageCount();
            if (before is { } last)
                CheckOrder(file, known, segment.Name.Lane, last, header);
            before = (sequence, header.Sha256);
        }

        if (segment.IsFramingBroken)
            Damage(file, null, "its framing is broken, or chunks have lost their records or bodies");
        if (segment.TornBytes > 0)
            Note(file, null, Count(segment.TornBytes) + " bytes behind its last whole chunk were left unfinished");
        else if (!segment.IsDamaged && !segment.Scan.Mcap.IsSealed)
            Note(file, null, "has no end yet");
    }

    private void CheckOrder(
        string file, JournalState.RecordingState? known, string lane, (ulong Sequence, ByteString Sha256) last,
        Contracts.V1.ChunkHeader header)
    {
        ulong sequence = header.Ref.Sequence;
        if (sequence == last.Sequence + 1 && header.PreviousSha256 != last.Sha256)
            Damage(file, sequence, $"the chain is broken: it does not follow chunk {last.Sequence}");
        ulong missing = 0;
        for (ulong at = last.Sequence + 1; at < sequence; at++)
        {
            if (known is null || known.EndOf(lane, at) == ChunkEnd.Pending)
                missing++;
        }

        // A deletion may be durable where the journal's word on it is not: no proof of damage.
        if (missing > 0)
            Note(file, sequence, $"{Count((long)missing)} chunks before it are gone, and the journal knows no end of them");
    }

    private static string Count(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Damage(string file, ulong? sequence, string problem) => Add(file, sequence, true, problem);

    private void Note(string file, ulong? sequence, string problem) => Add(file, sequence, false, problem);

    private void Add(string file, ulong? sequence, bool isDamage, string problem) =>
        _findings.Add(new SpoolFinding(file, sequence, isDamage, problem));
}
