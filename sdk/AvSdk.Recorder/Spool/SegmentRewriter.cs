using System.Buffers;
using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Writes a segment anew beside itself, with the bodies of only some of its chunks: verbatim, so what was
/// announced of them stays true. See <see cref="SegmentFormat"/>.
/// </summary>
internal static class SegmentRewriter
{
    /// <summary>Returns where the chunks lie in the new file, which is durable and sealed, and its length.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="readers">What the old one is read through.</param>
    /// <param name="segment">The segment; it is closed.</param>
    /// <param name="kept">Those whose bodies stay.</param>
    /// <param name="ended">What the record of one that does not stay says.</param>
    /// <exception cref="IOException">The disk refused; the new file may be there, and is worth nothing.</exception>
    public static (IReadOnlyDictionary<SpoolChunk, ChunkPlace> Places, long LengthBytes) Write(
        ISpoolFiles files, SegmentReaders readers, SpoolSegment segment, IReadOnlySet<SpoolChunk> kept,
        Func<SpoolChunk, (ChunkEnd End, string Reason)> ended)
    {
        Dictionary<SpoolChunk, ChunkPlace> places = [];
        string name = segment.FileName + SegmentFormat.NewExtension;
        files.Delete(name);
        using SegmentWriter writer = SegmentWriter.Create(files, segment, name);
        foreach (SpoolChunk chunk in segment.Chunks)
        {
            byte[] content = new byte[chunk.Place.RecordBytes];
            readers.ReadRecord(chunk, content);
            ChunkRecord record = RecordCheck.Open(content, chunk);
            places.Add(chunk, kept.Contains(chunk)
                ? Copy(readers, writer, chunk, record)
                : writer.AppendRecord(ToEnded(record, ended(chunk))));
        }

        writer.Seal(isDurable: true);
        return (places, writer.LengthBytes);
    }

    private static ChunkPlace Copy(SegmentReaders readers, SegmentWriter writer, SpoolChunk chunk, ChunkRecord record)
    {
        int bytes = checked((int)chunk.BodyBytes);
        byte[] body = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            readers.ReadBody(chunk, 0, body.AsSpan(0, bytes));
            return writer.Append(record, body.AsSpan(0, bytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    private static ChunkRecord ToEnded(ChunkRecord record, (ChunkEnd End, string Reason) ended) => record.End > 0
        ? record
        : new ChunkRecord { Header = record.Header, End = (uint)ended.End, EndReason = ended.Reason };
}
