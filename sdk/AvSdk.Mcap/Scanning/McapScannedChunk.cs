namespace AvSdk.Mcap;

/// <summary>A chunk that a scan met, with the message indexes that follow it.</summary>
/// <param name="Index">As a chunk index in a summary would say it.</param>
/// <param name="BodyBytes">Bytes of the chunk record and the whole message indexes after it.</param>
/// <param name="Channels">One for each message index.</param>
public sealed record McapScannedChunk(
    McapChunkIndex Index, long BodyBytes, IReadOnlyList<ChunkBodyChannel> Channels)
{
    /// <summary>File offset of the body: of the Chunk record's opcode.</summary>
    public long Offset => (long)Index.ChunkStartOffset;

    /// <summary>File offset of the first byte after the body.</summary>
    public long End => Offset + BodyBytes;
}
