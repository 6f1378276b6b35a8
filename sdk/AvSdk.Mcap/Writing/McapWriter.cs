using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Writes an MCAP file: chunked, compressed, indexed. Definitions stand in the data section, before the
/// chunks that need them, so that a file whose writer died is understood without decompressing anything.
/// </summary>
/// <remarks>
/// One thread at a time. A call that throws because the sink did leaves the file cut at an unknown place: the
/// writer then refuses everything but disposal. Errors of the caller (an unknown channel, bad chunk bytes)
/// write nothing and leave it usable.
/// </remarks>
public sealed class McapWriter : IDisposable, IAsyncDisposable
{
    private readonly IMcapSink _sink;
    private readonly Stream? _ownedStream;
    private readonly McapWriterOptions _options;
    private readonly SummaryTally _tally;
    private readonly ChunkBuilder? _chunk;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private uint? _dataSectionCrc;
    private Exception? _failure;
    private bool _finished;

    /// <summary>Starts a file: writes magic and header.</summary>
    /// <param name="sink">Borrowed; it must stand at position 0.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="IOException">What the sink throws.</exception>
    public McapWriter(IMcapSink sink, McapWriterOptions? options = null)
        : this(sink, options, new SummaryTally(), null)
    {
        if (sink.Position != 0)
            throw new ArgumentException("A new file starts at position 0; see Continue.", nameof(sink));
        if (_options.DataSectionCrc)
            _dataSectionCrc = 0;
        McapRecordWriter.WriteMagic(_buffer);
        McapRecordWriter.WriteHeader(_buffer, new McapHeader(_options.Profile, _options.Library));
        EmitBuffer();
    }

    /// <summary>Starts a file in a stream.</summary>
    /// <param name="stream">Written from where it stands.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="leaveOpen">False: disposing the writer disposes the stream.</param>
    public McapWriter(Stream stream, McapWriterOptions? options = null, bool leaveOpen = false)
        : this(new StreamSink(stream), options) => _ownedStream = leaveOpen ? null : stream;

    private McapWriter(IMcapSink sink, McapWriterOptions? options, SummaryTally tally, Stream? ownedStream)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _sink = sink;
        _options = options ?? new McapWriterOptions();
        _tally = tally;
        _ownedStream = ownedStream;
        if (_options.ChunkBytes > 0)
            _chunk = new ChunkBuilder();
    }

    /// <summary>Bytes of the file so far; a chunk under construction is not among them.</summary>
    public long Position => _sink.Position;

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

        return new McapWriter(sink, options, scan.ToTally(), null);
    }

    /// <summary>Adds a schema; the same again is passed over.</summary>
    /// <exception cref="ArgumentException">The id is 0, or in use for another schema.</exception>
    public void AddSchema(McapSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ThrowIfUnusable();
        if (schema.Id == 0)
            throw new ArgumentException("Schema id 0 means \"no schema\": give it one from 1.",
                nameof(schema));
        if (_tally.AddSchema(schema) is McapSchema other)
        {
            if (!other.Equals(schema))
                throw new ArgumentException($"Schema id {schema.Id} is in use for \"{other.Name}\".",
                    nameof(schema));
            return;
        }

        McapRecordWriter.WriteSchema(_buffer, schema);
        EmitBuffer();
    }

    /// <summary>Adds a schema under the next free id, which is returned.</summary>
    public ushort AddSchema(string name, string encoding, ReadOnlyMemory<byte> data)
    {
        ushort id = _tally.NextSchemaId();
        AddSchema(new McapSchema(id, name, encoding, data));
        return id;
    }

    /// <summary>Adds a channel; the same again is passed over.</summary>
    /// <exception cref="ArgumentException">The id is in use for another channel, or the schema is not
    /// known.</exception>
    public void AddChannel(McapChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ThrowIfUnusable();
        if (channel.SchemaId != 0 && !_tally.HasSchema(channel.SchemaId))
        {
            throw new ArgumentException(
                $"Channel {channel.Id} ({channel.Topic}) names schema {channel.SchemaId}: add that first.",
                nameof(channel));
        }

        if (_tally.AddChannel(channel) is McapChannel other)
        {
            if (!other.Equals(channel))
                throw new ArgumentException($"Channel id {channel.Id} is in use for {other.Topic}.",
                    nameof(channel));
            return;
        }

        McapRecordWriter.WriteChannel(_buffer, channel);
        EmitBuffer();
    }

    /// <summary>Adds a channel under the next free id, which is returned.</summary>
    public ushort AddChannel(string topic, string messageEncoding, ushort schemaId = 0)
    {
        ushort id = _tally.NextChannelId();
        AddChannel(new McapChannel(id, schemaId, topic, messageEncoding));
        return id;
    }

    /// <summary>Writes a message into the chunk under construction. Times in ns.</summary>
    /// <exception cref="ArgumentException">The channel was not added.</exception>
    public void WriteMessage(
        ushort channelId, uint sequence, ulong logTime, ulong publishTime, ReadOnlySpan<byte> payload)
    {
        ThrowIfUnusable();
        ThrowIfUnknown(channelId);
        if (_chunk is null)
        {
            McapRecordWriter.WriteMessage(
                _buffer, new McapMessageView(channelId, sequence, logTime, publishTime, payload));
            EmitBuffer();
            _tally.AddMessage(channelId, logTime);
            return;
        }

        payload.CopyTo(_chunk.AddMessage(channelId, sequence, logTime, publishTime, payload.Length));
        if (_chunk.RecordBytes >= _options.ChunkBytes)
            WriteOpenChunk();
    }

    /// <summary>Writes the chunk under construction, if it holds anything, and flushes the sink.</summary>
    public void Flush()
    {
        ThrowIfUnusable();
        WriteOpenChunk();
        Guard(static sink => sink.Flush());
    }

    /// <summary>
    /// Writes a chunk's body verbatim; index and statistics are kept. A chunk under construction goes before
    /// it. Returns the file offset of the Chunk record.
    /// </summary>
    /// <exception cref="McapException">The bytes are not a good body, or name a channel that was not
    /// added.</exception>
    public long WriteChunkBody(ReadOnlySpan<byte> body)
    {
        ThrowIfUnusable();
        if (!ChunkBody.TryParse(body, _options.Limits, out ChunkBodyInfo info, out McapError error))
            throw new McapException(error);
        foreach (ChunkBodyChannel channel in info.Channels)
        {
            if (_tally.HasChannel(channel.ChannelId))
                continue;
            throw new McapException(new McapError(McapErrorKind.UnknownChannel, channel.IndexOffset,
                "channels that were added to the writer", $"channel {channel.ChannelId}"));
        }

        WriteOpenChunk();
        return EmitBody(body, info);
    }

    /// <summary>
    /// Writes an application's own record; a chunk under construction goes before it. Returns its file
    /// offset.
    /// <paramref name="opcode"/> is 0x80 to 0xFF.
    /// </summary>
    public long WritePrivateRecord(byte opcode, ReadOnlySpan<byte> content)
    {
        ThrowIfUnusable();
        WriteOpenChunk();
        long offset = Position;
        McapRecordWriter.WritePrivate(_buffer, opcode, content);
        EmitBuffer();
        return offset;
    }

    /// <summary>Writes an attachment; its CRC is computed.</summary>
    public void WriteAttachment(McapAttachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        ThrowIfUnusable();
        ulong offset = (ulong)Position;
        McapRecordWriter.WriteAttachment(_buffer, attachment);
        ulong length = (ulong)_buffer.WrittenCount;
        EmitBuffer();
        _tally.AddAttachment(
            new McapAttachmentIndex(offset, length, attachment.LogTime, attachment.CreateTime,
            (ulong)attachment.Data.Length, attachment.Name, attachment.MediaType));
    }

    /// <summary>Writes metadata.</summary>
    public void WriteMetadata(McapMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ThrowIfUnusable();
        ulong offset = (ulong)Position;
        McapRecordWriter.WriteMetadata(_buffer, metadata);
        ulong length = (ulong)_buffer.WrittenCount;
        EmitBuffer();
        _tally.AddMetadata(new McapMetadataIndex(offset, length, metadata.Name));
    }

    /// <summary>
    /// Seals the file: the open chunk, summary, footer, magic; flushes the sink. Afterwards nothing can be
    /// written.
    /// </summary>
    public void Finish()
    {
        if (_finished)
            return;
        ThrowIfUnusable();
        WriteOpenChunk();
        uint dataSectionCrc = _dataSectionCrc ?? 0;
        McapRecordWriter.WriteDataEnd(_buffer, dataSectionCrc);
        EmitBuffer();

        McapFooter footer = _tally.Write(_buffer, Position);
        int summaryBytes = _buffer.WrittenCount;
        McapRecordWriter.WriteFooter(_buffer, footer);
        uint summaryCrc = Crc32.Compute(_buffer.WrittenSpan[..^4]);
        byte[] summary = _buffer.WrittenSpan[..summaryBytes].ToArray();
        _buffer.ResetWrittenCount();
        _buffer.Write(summary);
        McapRecordWriter.WriteFooter(_buffer, footer with { SummaryCrc = summaryCrc });
        McapRecordWriter.WriteMagic(_buffer);
        EmitBuffer();
        Guard(static sink => sink.Flush());
        _finished = true;
    }

    /// <summary>Finishes the file unless it is finished, has failed, or the options say not to.</summary>
    public void Dispose()
    {
        try
        {
            if (!_finished && _failure is null && _options.FinishOnDispose)
                Finish();
        }
        finally
        {
            _finished = true;
            _chunk?.Dispose();
            _ownedStream?.Dispose();
        }
    }

    /// <summary>As <see cref="Dispose"/>; an owned stream is disposed asynchronously.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_finished && _failure is null && _options.FinishOnDispose)
                Finish();
        }
        finally
        {
            _finished = true;
            _chunk?.Dispose();
            if (_ownedStream is not null)
                await _ownedStream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void WriteOpenChunk()
    {
        if (_chunk is null || _chunk.MessageCount == 0)
            return;
        _chunk.WriteBody(_options.Compression, _buffer);
        if (!ChunkBody.TryParse(_buffer.WrittenSpan, OwnLimits, out ChunkBodyInfo info, out McapError error))
            throw new McapException(error);
        EmitBody(_buffer.WrittenSpan, info);
        _buffer.ResetWrittenCount();
        _chunk.Reset();
    }

    private static McapLimits OwnLimits { get; } = new()
    {
        RecordBytesMax = int.MaxValue,
        ChunkBytesMax = int.MaxValue,
    };

    private long EmitBody(ReadOnlySpan<byte> body, ChunkBodyInfo info)
    {
        long offset = Position;
        Emit(body);
        Dictionary<ushort, ulong> indexOffsets = new(info.Channels.Count);
        foreach (ChunkBodyChannel channel in info.Channels)
            indexOffsets.Add(channel.ChannelId, (ulong)(offset + channel.IndexOffset));
        McapChunkIndex index = new()
        {
            MessageStartTime = info.MessageStartTime,
            MessageEndTime = info.MessageEndTime,
            ChunkStartOffset = (ulong)offset,
            ChunkLength = (ulong)info.ChunkRecordBytes,
            MessageIndexOffsets = indexOffsets,
            MessageIndexLength = (ulong)(info.BodyBytes - info.ChunkRecordBytes),
            Compression = info.Compression,
            CompressedSize = (ulong)info.RecordsBytes,
            UncompressedSize = (ulong)info.UncompressedBytes,
        };
        _tally.AddChunk(index, info.Channels);
        return offset;
    }

    private void EmitBuffer()
    {
        Emit(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _sink.Write(bytes);
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }

        if (_dataSectionCrc is uint crc)
            _dataSectionCrc = Crc32.Append(crc, bytes);
    }

    private void Guard(Action<IMcapSink> call)
    {
        try
        {
            call(_sink);
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }
    }

    private void ThrowIfUnknown(ushort channelId)
    {
        if (!_tally.HasChannel(channelId))
            throw new ArgumentException($"Channel {channelId} was not added: call AddChannel first.",
                nameof(channelId));
    }

    private void ThrowIfUnusable()
    {
        if (_failure is not null)
        {
            throw new InvalidOperationException(
                "An earlier write failed, so the file is cut at an unknown place: "
                + "scan and cut it, then go on in a new writer.",
                _failure);
        }

        if (_finished)
            throw new InvalidOperationException("The file is finished: nothing can be added to it.");
    }
}
