using System.Buffers;
using System.Security.Cryptography;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Tells a torn tail from damage. Torn: what a kill or a power cut left unfinished at the end, it is cut.
/// Damage: bytes that were whole once, so there is something whole after them.
/// </summary>
internal sealed class RecoveredTail
{
    private const int WindowBytes = 256 << 10;

    // "The MCAP File Format", "File Structure": 0x89 MCAP 0 CR LF.
    private static ReadOnlySpan<byte> Magic => [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A];

    private RecoveredTail()
    {
    }

    /// <summary>The chunks that can be delivered, and those that had ended when the segment was written anew.</summary>
    public List<(ChunkRecord Record, ChunkPlace Place)> Chunks { get; } = [];

    /// <summary>Where the last whole chunk ends.</summary>
    public long EndOfChunks { get; private set; }

    /// <summary>Chunks before others that are whole, and such as no torn write leaves behind.</summary>
    public int DamagedChunks { get; private set; }

    /// <summary>Chunks at the end whose writing did not come to its end.</summary>
    public int TornChunks { get; private set; }

    /// <summary>The file is not as it was written, before its end.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>
    /// Whether a file that is no segment is one whose first bytes did not all reach the disk.
    /// </summary>
    public static bool IsTornBeginning(ISpoolFile file)
    {
        byte[] beginning = new byte[WindowBytes];
        int read = file.Read(0, beginning);
        ReadOnlySpan<byte> bytes = beginning.AsSpan(0, read);
        bool isEmpty = bytes.IndexOfAnyExcept((byte)0) < 0;
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, Magic.Length)];
        // With its magic, and short: header or metadata are torn. Longer: chunks follow on something broken.
        bool isTorn = isEmpty
            || (Magic.StartsWith(start) && read < WindowBytes && bytes[start.Length..].IndexOf(Magic) < 0);
        // A whole chunk was written after a beginning that was whole then.
        return isTorn && !WholeBody.IsAnyAfter(file, 0);
    }

    /// <summary>
    /// Checks the chunks of a segment; hashes only where it has no end, since what was sealed was whole and
    /// the gateway checks again.
    /// </summary>
    public static RecoveredTail Check(ISpoolFile file, SegmentScan scan, ulong supersededFrom)
    {
        RecoveredTail tail = new();
        List<ScannedChunk> candidates = scan.Chunks.FindAll(chunk => chunk.Sequence < supersededFrom);
        bool isSuperseded = candidates.Count < scan.Chunks.Count;
        int bad = 0;
        foreach (ScannedChunk chunk in candidates)
        {
            if (chunk.Record is not { } record
                || (!scan.Mcap.IsSealed && !IsWhole(file, record.Header, chunk.Place)))
            {
                bad++;
                continue;
            }

            // Bad ones before a good one are no tail.
            tail.DamagedChunks += bad;
            bad = 0;
            tail.Chunks.Add((record, chunk.Place));
            tail.EndOfChunks = chunk.Place.BodyOffset + chunk.Place.BodyBytes;
        }

        foreach (ScannedChunk ended in scan.Ended.Where(chunk => chunk.Sequence < supersededFrom))
            tail.Chunks.Add((ended.Record!, ended.Place));
        // The order of the lane.
        tail.Chunks.Sort(static (x, y) => x.Record.Header.Ref.Sequence.CompareTo(y.Record.Header.Ref.Sequence));

        // Nor are those of a file that came to its end, or that went on after them.
        if (scan.Mcap.IsSealed || isSuperseded)
            tail.DamagedChunks += bad;
        else
            tail.TornChunks = bad;
        long end = Math.Max(tail.EndOfChunks, scan.Mcap.EndOfWholeRecords);
        // A torn write leaves no whole body at the end: one that is there lost its record, or its framing.
        bool isBroken = scan.Mcap.IsSealed
            ? scan.OrphanedRecords > 0
            : !isSuperseded && (HasMore(file, scan, end) || WholeBody.IsAnyAfter(file, tail.EndOfChunks));
        tail.IsDamaged = tail.DamagedChunks > 0 || isBroken;
        return tail;
    }

    private static bool IsWhole(ISpoolFile file, ChunkHeader header, ChunkPlace place)
    {
        using IncrementalHash hash = ChunkHash.Begin(header.PreviousSha256.Span);
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            for (long at = 0; at < place.BodyBytes;)
            {
                int length = (int)Math.Min(WindowBytes, place.BodyBytes - at);
                if (file.Read(place.BodyOffset + at, window.AsSpan(0, length)) < length)
                    return false;
                hash.AppendData(window, 0, length);
                at += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }

        return header.Sha256.Span.SequenceEqual(hash.GetHashAndReset());
    }

    // The recording's id stands near the start of every chunk's record: the torn chunk has one, a second is
    // another chunk after it. A file that ends with the magic was sealed.
    private static bool HasMore(ISpoolFile file, SegmentScan scan, long from)
    {
        Span<byte> end = stackalloc byte[8];
        if (file.LengthBytes - from > 64 && file.Read(file.LengthBytes - end.Length, end) == end.Length
            && end.SequenceEqual(Magic))
        {
            return true;
        }

        // Field 1 of a ChunkRef: tag, length, id.
        byte[] pattern = [0x0A, 0x10, .. scan.Recording.RecordingId.Span];
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            int found = 0;
            for (long at = from; ;)
            {
                int read = file.Read(at, window.AsSpan(0, WindowBytes));
                ReadOnlySpan<byte> rest = window.AsSpan(0, read);
                for (int hit; (hit = rest.IndexOf(pattern)) >= 0; rest = rest[(hit + pattern.Length)..])
                    found++;
                if (found > 1)
                    return true;
                if (read < WindowBytes)
                    return false;
                at += WindowBytes - pattern.Length + 1;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }
}
