using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>Reading chunks back from their segments.</summary>
internal sealed partial class SpoolIndex
{
    /// <summary>Reads a chunk's header from its private record.</summary>
    /// <exception cref="ChunkDamagedException">It is gone, or is not this chunk's.</exception>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public ChunkHeader ReadHeader(SpoolChunk chunk)
    {
        byte[] content = new byte[chunk.Place.RecordBytes];
        Read(chunk, () => _readers.ReadRecord(chunk, content));
        ChunkHeader header = RecordCheck.Open(content, chunk).Header;
        // Announced under another name, its receipt would never be matched, and its parts would fit nothing.
        return header.Ref is { } name
            && name.RecordingId == RecordingIds.ToBytes(chunk.Segment.Recording.Id)
            && name.Lane == chunk.Segment.Lane.Name
            && name.Sequence == chunk.Sequence
            && header.BodyBytes == (ulong)chunk.BodyBytes
            ? header
            : throw new ChunkDamagedException($"The record of chunk {chunk} is not this chunk's.");
    }

    /// <summary>Reads from a chunk's body.</summary>
    /// <exception cref="ChunkDamagedException">It is gone, or cut.</exception>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public void ReadBody(SpoolChunk chunk, long offset, Memory<byte> destination) =>
        Read(chunk, () => _readers.ReadBody(chunk, offset, destination.Span));

    private static void Read(SpoolChunk chunk, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error
            is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            throw new ChunkDamagedException($"Chunk {chunk} is not in the spool: {error.Message}", error);
        }
    }

    private ChunkHeader? TryReadHeader(SpoolChunk chunk)
    {
        try
        {
            return ReadHeader(chunk);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
