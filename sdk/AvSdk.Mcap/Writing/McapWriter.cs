using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Writes an MCAP file: chunked, compressed, indexed. Definitions stand in the data section, before the
/// chunks that need them, so that a file whose writer died is understood without decompressing anything.
/// </summary>
/// <remarks>
/// One thread at a time, whatever <see cref="McapWriterOptions.Workers"/> says. A call that throws because the
/// sink or a worker did leaves the file cut at an unknown place: the writer then refuses everything but
/// disposal. What a worker met comes to light with the next call. Errors of the caller (an unknown channel,
/// bad chunk bytes) write nothing and leave it usable.
/// </remarks>
public sealed partial class McapWriter : IDisposable, IAsyncDisposable
{
    private readonly WriterOutput _output;
    private readonly IDisposable? _owned;
    private readonly McapWriterOptions _options;
    private readonly SummaryTally _tally;
    private readonly ChunkPipeline? _chunks;
    private readonly ChunkDefinitions? _chunkDefinitions;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private int _admittedChannel = -1;

    /// <summary>Starts a file: writes magic and header.</summary>
    /// <param name="sink">Borrowed; it must stand at position 0.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="IOException">What the sink throws.</exception>
    public McapWriter(IMcapSink sink, McapWriterOptions? options = null)
        : this(sink, options, new SummaryTally(), (options?.DataSectionCrc ?? true) ? 0u : null, null)
    {
        if (sink.Position != 0)
            throw new ArgumentException("A new file starts at position 0; see Continue.", nameof(sink));
        McapRecordWriter.WriteMagic(_buffer);
        McapRecordWriter.WriteHeader(_buffer, new McapHeader(_options.Profile, _options.Library));
        EmitBuffer();
    }

    /// <summary>Starts a file in a stream.</summary>
    /// <param name="stream">Written from where it stands.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="leaveOpen">False: disposing the writer disposes the stream.</param>
    public McapWriter(Stream stream, McapWriterOptions? options = null, bool leaveOpen = false)
        : this(new StreamSink(stream), options) => _owned = leaveOpen ? null : stream;

    private McapWriter(
        IMcapSink sink, McapWriterOptions? options, SummaryTally tally, uint? dataSectionCrc,
        IDisposable? owned)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _options = options ?? new McapWriterOptions();
        if (_options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        _tally = tally;
        _owned = owned;
        _output = new WriterOutput(sink, dataSectionCrc);
        if (_options.ChunkBytes == 0)
            return;
        _chunks = new ChunkPipeline(_options, _output, tally);
        if (_options.DefinitionsInChunks)
            _chunkDefinitions = new ChunkDefinitions(tally.Definitions);
    }

    /// <summary>
    /// Bytes of the file so far; a chunk that is under construction or at a worker is not among them.
    /// </summary>
    public long Position => _output.Position;

    /// <summary>
    /// Goes on after the last whole record of a file. The caller has cut the file at
    /// <see cref="McapScan.AppendOffset"/>, where the sink must stand. The data section's CRC is then not
    /// available, since the bytes before were not read.
    /// </summary>
    public static McapWriter Continue(IMcapSink sink, McapScan scan, McapWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(scan);
        if (sink.Position != scan.AppendOffset)
        {
            throw new ArgumentException(
                $"The sink stands at {sink.Position}, the last whole record ends at {scan.AppendOffset}: "
                + "cut the file there first.", nameof(sink));
        }

        return new McapWriter(sink, options, scan.ToTally(), null, null);
    }

    /// <summary>
    /// Goes on in a file, a finished one or one whose writer died: it is cut before its DataEnd record, or
    /// after its last whole record, and everything that it held is in the summary that the writer ends it
    /// with. Its header stays. Ids go on, and a channel that is added again has the id that it had. A file
    /// without chunks is continued without chunks. Disposing the writer closes the file.
    /// </summary>
    /// <remarks>
    /// Until the writer is finished the file has no summary. If the process dies meanwhile, every message of
    /// before and every chunk written since is read by a scan (<see cref="McapScan"/>, or an indexed reader
    /// that allows unsealed files), and the file can be appended to again. A finished file costs a read of its
    /// summary, and its data section's CRC goes on; another is scanned, and has none then.
    /// </remarks>
    /// <exception cref="McapException">The file is not MCAP, or is damaged before its end: recover it first,
    /// for cutting it would lose what follows the damage.</exception>
    /// <exception cref="IOException">It does not exist, or the disk refuses.</exception>
    public static McapWriter Append(string path, McapWriterOptions? options = null)
    {
        options ??= new McapWriterOptions();
        DurableFile file = DurableFile.OpenExisting(path);
        try
        {
            AppendPoint point = AppendPoint.Find(file, options.Limits);
            if (point.HasMessagesOutsideOfChunks)
                options = options with { ChunkBytes = 0 };
            file.Truncate(point.Offset);
            uint? crc = options.DataSectionCrc ? point.DataSectionCrc : null;
            return new McapWriter(file, options, point.Tally, crc, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a message into the chunk under construction. Times in ns.</summary>
    /// <exception cref="ArgumentException">The channel was not added.</exception>
    public void WriteMessage(
        ushort channelId, uint sequence, ulong logTime, ulong publishTime, ReadOnlySpan<byte> payload)
    {
        if (!_output.IsOpen)
            _output.ThrowIfNotOpen();
        if (_chunks is null)
        {
            WriteOutsideOfChunks(
                new McapMessageView(channelId, sequence, logTime, publishTime, payload));
            return;
        }

        if (payload.Length >= _options.ChunkBytes)
            CloseChunk();
        if (channelId != _admittedChannel)
            Admit(channelId);
        ChunkBuilder chunk = _chunks.Open;
        payload.CopyTo(chunk.AddMessage(channelId, sequence, logTime, publishTime, payload.Length));
        if (chunk.RecordBytes >= _options.ChunkBytes)
            CloseChunk();
    }

    /// <summary>
    /// Writes the chunk under construction, if it holds anything, and those at the workers, and flushes the
    /// sink.
    /// </summary>
    public void Flush()
    {
        _output.ThrowIfNotOpen();
        DrainChunks();
        _output.Flush();
    }

    /// <summary>
    /// Writes a chunk's body verbatim; index and statistics are kept. A chunk under construction goes before
    /// it. Returns the file offset of the Chunk record.
    /// </summary>
    /// <exception cref="McapException">The bytes are not a good body, or name a channel that was not
    /// added.</exception>
    public long WriteChunkBody(ReadOnlySpan<byte> body)
    {
        _output.ThrowIfNotOpen();
        if (!ChunkBody.TryParse(body, _options.Limits, out ChunkBodyInfo info, out McapError error))
            throw new McapException(error);
        foreach (ChunkBodyChannel channel in info.Channels)
        {
            if (_tally.Definitions.HasChannel(channel.ChannelId))
                continue;
            throw new McapException(new McapError(McapErrorKind.UnknownChannel, channel.IndexOffset,
                "channels that were added to the writer", $"channel {channel.ChannelId}"));
        }

        DrainChunks();
        PayDefinitions();
        return EmitBody(body, info);
    }

    /// <summary>
    /// Writes an application's own record; a chunk under construction goes before it. Returns its file
    /// offset.
    /// <paramref name="opcode"/> is 0x80 to 0xFF.
    /// </summary>
    public long WritePrivateRecord(byte opcode, ReadOnlySpan<byte> content)
    {
        _output.ThrowIfNotOpen();
        DrainChunks();
        long offset = Position;
        McapRecordWriter.WritePrivate(_buffer, opcode, content);
        EmitBuffer();
        return offset;
    }

    /// <summary>
    /// Seals the file: the open chunk, summary, footer, magic; flushes the sink. Afterwards nothing can be
    /// written.
    /// </summary>
    public void Finish()
    {
        if (_output is { IsOpen: false, HasFailed: false })
            return;
        _output.ThrowIfNotOpen();
        DrainChunks();
        PayDefinitions();
        McapRecordWriter.WriteDataEnd(_buffer, _output.DataSectionCrc);
        EmitBuffer();
        McapFooter footer = _tally.Write(_buffer, Position, _options);
        uint crc = SummaryCrc(_buffer.WrittenSpan, footer);
        McapRecordWriter.WriteFooter(_buffer, footer with { SummaryCrc = crc });
        McapRecordWriter.WriteMagic(_buffer);
        EmitBuffer();
        _output.Flush();
        _output.Finish();
    }

    /// <summary>
    /// Finishes the file unless it is finished, has failed, or the options say not to; waits for the workers.
    /// </summary>
    public void Dispose()
    {
        try
        {
            FinishOnDispose();
        }
        finally
        {
            _chunks?.Dispose();
            _owned?.Dispose();
        }
    }

    /// <summary>As <see cref="Dispose"/>; workers and an owned stream are awaited.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            FinishOnDispose();
        }
        finally
        {
            if (_chunks is not null)
                await _chunks.DisposeAsync().ConfigureAwait(false);
            if (_owned is IAsyncDisposable owned)
                await owned.DisposeAsync().ConfigureAwait(false);
            else
                _owned?.Dispose();
        }
    }

    // The footer counts too, up to its CRC (specification, "Footer").
    private static uint SummaryCrc(ReadOnlySpan<byte> summary, McapFooter footer)
    {
        ArrayBufferWriter<byte> record = new(McapFormat.FooterRecordBytes);
        McapRecordWriter.WriteFooter(record, footer);
        return Crc32.Append(Crc32.Compute(summary), record.WrittenSpan[..^4]);
    }

    private void FinishOnDispose()
    {
        if (_output.IsOpen && _options.FinishOnDispose)
            Finish();
        else if (_output.IsOpen)
            _chunks?.DrainWorkers();
        _output.Finish();
    }

    private void CloseChunk()
    {
        _chunks?.Close();
        ForgetChunk();
    }

    private void DrainChunks()
    {
        _chunks?.Drain();
        ForgetChunk();
    }

    private void ForgetChunk()
    {
        if (_chunkDefinitions is null)
            return;
        _chunkDefinitions.BeginChunk();
        _admittedChannel = -1;
    }

    private void WriteOutsideOfChunks(in McapMessageView message)
    {
        if (message.ChannelId != _admittedChannel)
            Admit(message.ChannelId);
        McapRecordWriter.WriteMessage(_buffer, message);
        EmitBuffer();
        _tally.AddMessage(message.ChannelId, message.LogTime);
    }

    private long EmitBody(ReadOnlySpan<byte> body, ChunkBodyInfo info)
    {
        long offset = Position;
        _output.Write(body);
        _tally.AddChunk(
            new McapChunkIndex
            {
                MessageStartTime = info.MessageStartTime,
                MessageEndTime = info.MessageEndTime,
                ChunkStartOffset = (ulong)offset,
                ChunkLength = (ulong)info.ChunkRecordBytes,
                MessageIndexOffsets = ChunkIndexOffsets.Of(info.Channels, offset),
                MessageIndexLength = (ulong)(info.BodyBytes - info.ChunkRecordBytes),
                Compression = info.Compression,
                CompressedSize = (ulong)info.RecordsBytes,
                UncompressedSize = (ulong)info.UncompressedBytes,
            },
            info.Channels);
        return offset;
    }

    private void EmitBuffer()
    {
        if (_buffer.WrittenCount > 0)
            _output.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
