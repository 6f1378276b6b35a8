using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>What recovery writes: ends of segments, and segments that the disk did not take.</summary>
internal sealed partial class SpoolRecovery
{
    private const int CopyBytes = 1 << 20;

    // Whoever wrote it may have been killed before it flushed: what sources are told from it must not go with the
    // power. So it is flushed whether or not there was room to seal it.
    private void Repair(
        ISpoolFile file, FoundSegment found, SegmentScan scan, RecoveredTail tail, SegmentPositions positions)
    {
        long cutBytes = file.LengthBytes - tail.EndOfChunks;
        file.Truncate(tail.EndOfChunks);
        if (cutBytes > 0)
            NoteCut(file.Name, cutBytes);
        Flush(file, found);
        try
        {
            SegmentSink sink = new(file);
            McapScan whole = scan.Mcap.CutAt(tail.EndOfChunks);
            foreach ((ChunkRecord record, _) in tail.Chunks)
                positions.Add(record);
            using (McapWriter writer = McapWriter.Continue(sink, whole, SegmentWriter.Options))
            {
                writer.WritePrivateRecord(SegmentFormat.PositionsOpcode, positions.ToContent(isFlushed: true));
                writer.Finish();
            }

            sink.Flush();
        }
        catch (IOException error)
        {
            SpoolLog.CannotSeal(log, file.Name, error);
            file.Truncate(tail.EndOfChunks);
        }

        Flush(file, found);
    }

    private void NoteCut(string fileName, long bytes)
    {
        SpoolLog.TailCut(log, fileName, bytes);
        Update(status => status with { BytesCut = status.BytesCut + bytes });
    }

    private static void Flush(ISpoolFile file, FoundSegment found)
    {
        try
        {
            file.Flush();
        }
        catch (IOException)
        {
            found.FlushFailed = true;
            throw;
        }
    }

    // What is read of it may be in the page cache only. A copy that was flushed is on the disk, and is checked as it was.
    private void WriteAnew(FoundSegment found)
    {
        string name = found.Name.FileName;
        string newName = name + SegmentFormat.NewExtension;
        files.Delete(newName);
        byte[] piece = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            using ISpoolFile from = files.Open(name);
            using ISpoolFile to = files.Create(newName);
            for (int bytes; (bytes = from.Read(to.LengthBytes, piece)) > 0;)
                to.Append(piece.AsSpan(0, bytes));
            to.Flush();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        files.Rename(newName, name);
        found.FlushFailed = false;
    }
}
