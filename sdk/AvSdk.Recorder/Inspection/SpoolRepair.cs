// Repair: what recovery does at the next start, and more: every chunk is read and hashed, also of sealed segments.
//
// Split     The whole chunks of a damaged segment go to new segments, one for each run of sequences, since a chunk's
//           sequence is told by its place. They are written from the last run to the first, each as "<name>.new",
//           flushed, renamed. At any time the later segments supersede the same chunks of the old one (SpoolRecovery), and
//           what they do not have is still in it. Only then is it renamed to "*.damaged".
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Recording.Inspection;

/// <summary>Repairs a spool. Run once.</summary>
internal sealed class SpoolRepair(ISpoolFiles files, TimeProvider time)
{
    public const string NewExtension = ".new";

    private readonly List<string> _actions = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _sealed;
    private long _bytesCut;
    private int _split;
    private long _chunksLost;
    private int _putAside;

    public SpoolRepairReport Run(CancellationToken cancellationToken)
    {
        SpoolContents contents = SpoolContents.Find(files);
        using SpoolJournal journal = SpoolJournal.Open(files, time);
        if (journal.WasDamaged)
            Did("The journal was damaged: it is kept as journal.damaged, and written anew with what could be read.");
        foreach (string leftover in contents.Leftovers)
        {
            files.Delete(leftover);
            Did($"{leftover}: deleted; it was left unfinished.");
        }

        foreach (SpoolContentsSegment segment in contents.Recordings.Values.SelectMany(static all => all))
            _names.Add(segment.Name.FileName);
        foreach (SpoolContentsSegment segment in contents.Recordings.Values.SelectMany(static all => all))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Repair(segment, journal);
        }

        foreach (Guid id in contents.Ledgers.Keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RepairLedger(id);
        }

        if (!journal.TryFlush())
            throw journal.LastError ?? new IOException("The journal could not be written.");
        return new SpoolRepairReport(_actions, _sealed, _bytesCut, _split, _chunksLost, _putAside, journal.WasDamaged);
    }

    private void Repair(in SpoolContentsSegment segment, SpoolJournal journal)
    {
        string name = segment.Name.FileName;
        bool deletes = false;
        bool putsAside = false;
        using (ISpoolFile file = files.Open(name))
        {
            InspectedSegment inspected = InspectedSegment.Read(file, segment);
            if (inspected.IsDamaged)
            {
                putsAside = true;
                if (inspected.WholeChunks.Any())
                    Split(file, inspected);
                NoteLost(inspected, journal);
            }
            else if (inspected.Chunks.Count == 0)
            {
                deletes = true;
            }
            else if (inspected.TornBytes > 0 || !inspected.Scan!.Mcap.IsSealed)
            {
                Seal(file, inspected);
            }
        }

        if (deletes)
        {
            files.Delete(name);
            Did($"{name}: deleted; it holds no whole chunk.");
        }
        else if (putsAside)
        {
            files.Rename(name, name + SegmentFormat.DamagedExtension);
            _putAside++;
            Did($"{name}: kept as {Path.GetFileName(name)}{SegmentFormat.DamagedExtension}.");
        }
    }

    // As the next start does: a torn end is its to cut, what is damaged goes on after its last whole entry, in another part
    // that says so.
    private void RepairLedger(Guid id)
    {
        LedgerPorts ports = new() { Files = files, Time = time, Log = NullLogger.Instance };
        SpoolRecording recording = new(id, new RecordingInfo { RecordingId = RecordingIds.ToBytes(id) });
        using SpoolLedger ledger = SpoolLedger.Open(ports, recording);
        if (!ledger.WasDamaged)
            return;
        string name = LedgerFile.FileName(id);
        if (!ledger.TryRewrite())
            throw ledger.LastError ?? new IOException($"{name} could not be written.");
        _putAside++;
        Did($"{name}: damaged; what is whole of it goes on in another part, the old file is kept as *.damaged.");
    }

    private void Seal(ISpoolFile file, InspectedSegment inspected)
    {
        long cutBytes = file.LengthBytes - inspected.EndOfChunks;
        file.Truncate(inspected.EndOfChunks);
        SegmentSink sink = new(file);
        using (McapWriter writer = McapWriter.Continue(
            sink, inspected.Scan!.Mcap.CutAt(inspected.EndOfChunks), SegmentWriter.Options))
        {
            writer.Finish();
        }

        sink.Flush();
        file.Flush();
        _sealed++;
        _bytesCut += cutBytes;
        Did($"{file.Name}: sealed"
            + (cutBytes > 0 ? $" after its last whole chunk, {cutBytes} bytes of an unfinished one were cut." : "."));
    }

    private void Split(ISpoolFile file, InspectedSegment inspected)
    {
        List<List<InspectedChunk>> runs = [];
        foreach (InspectedChunk chunk in inspected.WholeChunks)
        {
            if (runs.Count == 0 || runs[^1][^1].Chunk.Sequence + 1 != chunk.Chunk.Sequence)
                runs.Add([]);
            runs[^1].Add(chunk);
        }

        runs.Reverse();
        foreach (List<InspectedChunk> run in runs)
        {
            string name = NewName(inspected.Name, run[0].Chunk.Sequence);
            files.Delete(name + NewExtension);
            using (ISpoolFile output = files.Create(name + NewExtension))
                WriteRun(file, inspected.Scan!, run, output);
            files.Rename(name + NewExtension, name);
            Did($"{inspected.Name.FileName}: {run.Count} whole chunks went to {Path.GetFileName(name)}.");
        }

        _split++;
    }

    private string NewName(in SegmentName old, ulong firstSequence)
    {
        // Later than every attempt that is there: of two segments with one first sequence the later counts.
        for (int attempt = firstSequence == old.FirstSequence ? old.Attempt + 1 : 1; ; attempt++)
        {
            string name = SegmentFormat.FileName(old.RecordingId, old.Lane, firstSequence, attempt);
            if (_names.Add(name))
                return name;
        }
    }

    // Definitions of the whole segment: those of a damaged part cost little, and one that lacks costs messages.
    private static void WriteRun(ISpoolFile file, SegmentScan scan, List<InspectedChunk> run, ISpoolFile output)
    {
        SegmentSink sink = new(output);
        using McapWriter writer = new(sink, SegmentWriter.Options);
        foreach (McapMetadata metadata in scan.Mcap.Metadata)
            writer.WriteMetadata(metadata);
        foreach (McapSchema schema in scan.Mcap.Schemas)
            writer.AddSchema(schema);
        foreach (McapChannel channel in scan.Mcap.Channels)
            writer.AddChannel(channel);
        foreach (InspectedChunk chunk in run)
        {
            ChunkPlace place = chunk.Chunk.Place;
            byte[] content = Read(file, place.RecordOffset, place.RecordBytes);
            writer.WritePrivateRecord(SegmentFormat.ChunkRecordOpcode, content);
            writer.WriteChunkBody(Read(file, place.BodyOffset, checked((int)place.BodyBytes)));
        }

        writer.Finish();
        sink.Flush();
        output.Flush();
    }

    private static byte[] Read(ISpoolFile file, long offset, int bytes)
    {
        byte[] read = new byte[bytes];
        return file.Read(offset, read) == bytes ? read : throw new IOException($"{file.Name} ends within a chunk.");
    }

    private void NoteLost(InspectedSegment inspected, SpoolJournal journal)
    {
        SegmentName name = inspected.Name;
        foreach (InspectedChunk chunk in inspected.Chunks)
        {
            ulong sequence = chunk.Chunk.Sequence;
            if (chunk.Problem.Length == 0)
                continue;
            _chunksLost++;
            bool isKnown = journal.Read(state => state.Recordings.GetValueOrDefault(name.RecordingId)
                ?.EndOf(name.Lane, sequence) is not (null or ChunkEnd.Pending));
            if (isKnown)
                continue;
            journal.Append(new JournalRecord.ChunksEnded(name.RecordingId, name.Lane, ChunkEnd.Damaged, sequence, sequence));
            Did($"{name.FileName}: chunk {sequence} is damaged and noted so: {chunk.Problem}.");
        }
    }

    private void Did(string action) => _actions.Add(action);
}
