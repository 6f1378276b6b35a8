using System.Buffers;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>A segment, every chunk of it read: what is whole, what a kill left unfinished, and what is damaged.</summary>
internal sealed class InspectedSegment
{
    private InspectedSegment(SegmentName name, string problem)
    {
        Name = name;
        Problem = problem;
    }

    public SegmentName Name { get; }

    /// <summary>Why it could not be read at all; empty: it could.</summary>
    public string Problem { get; }

    /// <summary>Nothing can be read, and a kill at the file's very beginning explains it.</summary>
    public bool IsTornBeginning { get; private init; }

    /// <summary>Null: it could not be read at all.</summary>
    public SegmentScan? Scan { get; private init; }

    public List<InspectedChunk> Chunks { get; } = [];

    public IEnumerable<InspectedChunk> WholeChunks => Chunks.Where(static chunk => chunk.Problem.Length == 0);

    /// <summary>Bytes are not as they were written, and no kill explains it.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The framing is broken, or a chunk's record has lost its body.</summary>
    public bool IsFramingBroken { get; private set; }

    /// <summary>Where the last whole chunk ends.</summary>
    public long EndOfChunks { get; private set; }

    /// <summary>Bytes that a kill, or an attempt to write that failed, left behind the last whole chunk.</summary>
    public long TornBytes { get; private set; }

    /// <exception cref="IOException">The disk refused.</exception>
    public static InspectedSegment Read(ISpoolFile file, in SpoolContentsSegment segment)
    {
        SegmentName name = segment.Name;
        if (SegmentScan.TryRead(file, name, out string problem) is not { } scan)
        {
            bool isTorn = RecoveredTail.IsTornBeginning(file);
            return new InspectedSegment(name, problem)
            {
                IsTornBeginning = isTorn,
                IsDamaged = !isTorn,
                TornBytes = isTorn ? file.LengthBytes : 0,
            };
        }

        InspectedSegment inspected = new(name, "") { Scan = scan };
        inspected.Read(file, scan, segment.SupersededFrom);
        return inspected;
    }

    private void Read(ISpoolFile file, SegmentScan scan, ulong supersededFrom)
    {
        RecoveredTail tail = RecoveredTail.Check(file, scan, supersededFrom);
        int tornChunks = tail.IsDamaged ? 0 : tail.TornChunks;
        List<ScannedChunk> candidates = scan.Chunks.FindAll(chunk => chunk.Sequence < supersededFrom);
        for (int at = 0; at < candidates.Count - tornChunks; at++)
        {
            string problem = Verify(file, candidates[at]);
            Chunks.Add(new InspectedChunk(candidates[at], problem));
            if (problem.Length > 0)
                IsDamaged = true;
            else
                EndOfChunks = candidates[at].Place.BodyOffset + candidates[at].Place.BodyBytes;
        }

        IsFramingBroken = tail.IsDamaged && tail.DamagedChunks == 0;
        IsDamaged |= tail.IsDamaged;
        if (!IsDamaged && (!scan.Mcap.IsSealed || tail.EndOfChunks < scan.EndOfChunks))
            TornBytes = file.LengthBytes - (Chunks.Count == 0 ? 0 : EndOfChunks);
    }

    /// <summary>
    /// Reads a chunk's body, which is as long as <paramref name="body"/>. Returns what is wrong with the chunk; empty: it
    /// is bit for bit what was written.
    /// </summary>
    public static string Verify(ISpoolFile file, in ScannedChunk chunk, Span<byte> body)
    {
        if (chunk.Record is not { } record)
            return "its record is missing, or is not its own";
        if (file.Read(chunk.Place.BodyOffset, body) < body.Length)
            return "the file ends within it";
        Span<byte> hash = stackalloc byte[ChunkHash.Bytes];
        ChunkHash.Compute(record.Header.PreviousSha256.Span, body, hash);
        return hash.SequenceEqual(record.Header.Sha256.Span) ? VerifyMessages(body, record.Header) : "its hash is wrong";
    }

    private static string Verify(ISpoolFile file, in ScannedChunk chunk)
    {
        int bytes = checked((int)chunk.Place.BodyBytes);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            return Verify(file, chunk, buffer.AsSpan(0, bytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string VerifyMessages(ReadOnlySpan<byte> body, ChunkHeader header)
    {
        McapLimits limits = SegmentWriter.Options.Limits;
        if (!ChunkBody.TryParse(body, limits, out ChunkBodyInfo info, out McapError error)
            || !ChunkBody.TryDecompress(body, info, limits, out IMemoryOwner<byte>? records, out error))
        {
            return error.ToString();
        }

        using (records)
        {
            try
            {
                long messages = 0;
                foreach (McapMessageView _ in ChunkBody.Messages(records.Memory.Span))
                    messages++;
                return messages == (long)header.MessageCount() ? "" : $"it has {messages} messages, not {header.MessageCount()}";
            }
            catch (McapException broken)
            {
                return broken.Message;
            }
        }
    }
}

/// <param name="Chunk">As the scan met it.</param>
/// <param name="Problem">What is wrong with it; empty: nothing.</param>
internal readonly record struct InspectedChunk(ScannedChunk Chunk, string Problem);

/// <summary>What is asked of headers here.</summary>
internal static class ChunkHeaders
{
    public static ulong MessageCount(this ChunkHeader header) =>
        header.Channels.Aggregate(0UL, static (sum, channel) => sum + channel.Messages);
}
