namespace AvSdk.Mcap;

/// <summary>
/// A chunk of a writer on its way: filled, made into a body, written, filled again. Whoever has it, caller or
/// worker, has it alone.
/// </summary>
internal sealed class ChunkSlot(McapWriterOptions options) : IDisposable
{
    private readonly PooledWriter _output = new();
    private readonly int _keepBytesMax = (int)Math.Min(int.MaxValue, (options.ChunkBytes * 4L) + (4 << 20));
    private int _plainBytes;
    private string _compression = "";
    private int _chunkBytes;
    private int _recordsBytes;

    public ChunkBuilder Builder { get; } = new();

    /// <summary>The CRC of the body's bytes; 0 when the data section has none.</summary>
    public uint BodyCrc { get; private set; }

    public int BodyBytes => _plainBytes + _output.Count;

    /// <summary>Compresses, writes the message indexes, computes the CRCs: all that is work.</summary>
    public void MakeBody()
    {
        _output.Clear();
        ReadOnlySpan<byte> records = Builder.Records;
        uint recordsCrc = options.ChunkCrcs ? Crc32.Compute(records) : 0;
        if (!TryMakeCompressed(records, recordsCrc))
            MakePlain(records, recordsCrc);
        if (options.MessageIndexes)
            Builder.WriteIndexes(_output);
        if (options.DataSectionCrc)
            BodyCrc = ComputeBodyCrc(records, recordsCrc);
    }

    /// <summary>Writes the body; a plain chunk from where it was filled, without a copy.</summary>
    public void WriteTo(WriterOutput output)
    {
        if (_plainBytes > 0)
            output.WriteWithoutCrc(Builder.RecordsAfter(ChunkRecord.HeadBytes("")));
        if (_output.Count > 0)
            output.WriteWithoutCrc(_output.Written);
        output.AddCrc(BodyCrc, BodyBytes);
    }

    /// <summary>Adds the body, which begins at <paramref name="offset"/>, to the summary.</summary>
    public void AddTo(SummaryTally tally, long offset)
    {
        ChunkBodyChannel[] channels = Builder.BodyChannels(_chunkBytes);
        tally.AddChunk(
            new McapChunkIndex
            {
                MessageStartTime = Builder.FirstLogTime,
                MessageEndTime = Builder.LastLogTime,
                ChunkStartOffset = (ulong)offset,
                ChunkLength = (ulong)_chunkBytes,
                MessageIndexOffsets = ChunkIndexOffsets.Of(options.MessageIndexes ? channels : [], offset),
                MessageIndexLength = (ulong)(BodyBytes - _chunkBytes),
                Compression = _compression,
                CompressedSize = (ulong)_recordsBytes,
                UncompressedSize = (ulong)Builder.RecordBytes,
            },
            channels);
    }

    /// <summary>Empties the slot; memory that a chunk of the usual size does not need goes back.</summary>
    public void Reset()
    {
        Builder.Reset(_keepBytesMax);
        _output.Clear(_keepBytesMax);
        _plainBytes = 0;
    }

    public void Dispose()
    {
        Builder.Dispose();
        _output.Dispose();
    }

    private bool TryMakeCompressed(ReadOnlySpan<byte> records, uint recordsCrc)
    {
        ChunkCompression compression = options.Compression;
        if (compression.Name.Length == 0)
            return false;
        int head = ChunkRecord.HeadBytes(compression.Name);
        Span<byte> span = _output.GetSpan(head + ChunkRecord.CompressBound(records.Length, compression));
        if (!ChunkRecord.TryCompress(records, compression, span[head..], out int compressedBytes))
            return false;
        ChunkRecord.WriteHead(span, Builder.FirstLogTime, Builder.LastLogTime, records.Length, recordsCrc,
            compression.Name, compressedBytes);
        _compression = compression.Name;
        _recordsBytes = compressedBytes;
        _chunkBytes = head + compressedBytes;
        _plainBytes = 0;
        _output.Advance(_chunkBytes);
        return true;
    }

    private void MakePlain(ReadOnlySpan<byte> records, uint recordsCrc)
    {
        int head = ChunkRecord.HeadBytes("");
        ChunkRecord.WriteHead(Builder.RecordsAfter(head), Builder.FirstLogTime, Builder.LastLogTime,
            records.Length, recordsCrc, "", records.Length);
        _compression = "";
        _recordsBytes = records.Length;
        _chunkBytes = head + records.Length;
        _plainBytes = _chunkBytes;
    }

    // The bytes of a plain chunk have been through the CRC once: their CRC is put together with the others.
    private uint ComputeBodyCrc(ReadOnlySpan<byte> records, uint recordsCrc)
    {
        uint crc = 0;
        if (_plainBytes > 0)
        {
            int head = ChunkRecord.HeadBytes("");
            crc = Crc32.Combine(
                Crc32.Compute(Builder.RecordsAfter(head)[..head]),
                options.ChunkCrcs ? recordsCrc : Crc32.Compute(records),
                records.Length);
        }

        return Crc32.Append(crc, _output.Written);
    }
}
