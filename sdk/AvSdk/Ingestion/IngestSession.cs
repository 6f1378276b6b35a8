using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>
/// What one connection has said so far, and what becomes of its records: definitions are kept, messages go
/// into the recorder. Touches no socket; private records are its owner's.
/// </summary>
internal sealed class IngestSession(IRecorder recorder, McapLimits limits, IngestWhenFull whenFull)
{
    private const int MessageFieldBytes = 22;

    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, IngestChannel> _channels = [];

    /// <summary>The client's source, once it has said hello; null: a plain stream.</summary>
    public RecordingSource? Source { get; private set; }

    /// <summary>Messages answered for, recorded or not.</summary>
    public long Messages { get; private set; }

    /// <summary>Told when a channel is refused to an SDK client: id, and why.</summary>
    public Func<ushort, string, ValueTask>? ChannelRefused { get; init; }

    /// <summary>The client can resume.</summary>
    public void Begin(RecordingSource source, long offset)
    {
        if (Source is not null || _channels.Count > 0)
            throw new IngestStreamException(offset,
                "Hello came twice, or after a channel: send it once, right after the Header record.");
        Source = source;
    }

    /// <summary>
    /// Takes a record of the MCAP specification. Waits where the recorder is full and the policy is to wait.
    /// </summary>
    /// <exception cref="IngestStreamException">The stream cannot go on.</exception>
    public async ValueTask TakeAsync(IngestRecord record, CancellationToken cancellationToken)
    {
        switch ((McapOpcode)record.Opcode)
        {
            case McapOpcode.Message:
                WriteResult result = await TakeMessageAsync(record.Content, record.Offset, cancellationToken)
                    .ConfigureAwait(false);
                Check(result, record.Offset);
                break;
            case McapOpcode.Header:
                Restart(record);
                break;
            case McapOpcode.Schema:
                Define(record.Content.Span, record.Offset);
                break;
            case McapOpcode.Channel:
                await OpenAsync(record).ConfigureAwait(false);
                break;
            case McapOpcode.Chunk:
                await TakeChunkAsync(record, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break; // Says nothing about messages, or is of a later version.
        }
    }

    /// <summary>The next message of a channel has this ordinal.</summary>
    public void SetNextOrdinal(in NextOrdinalRecord next, long offset)
    {
        IngestChannel channel = Channel(next.ChannelId, offset);
        if (Source is null)
            throw new IngestStreamException(offset,
                "NextOrdinal came without Hello: send Hello right after the Header record.");
        ulong accepted = Source.AcceptedPosition(channel.Topic);
        if (next.Ordinal > accepted + 1)
        {
            throw new IngestStreamException(offset,
                $"{channel.Topic}: message {next.Ordinal} comes after {accepted}; those between are missing. "
                + "Send from what the Welcome record says is durable, or take a new source id.");
        }

        channel.NextOrdinal = next.Ordinal;
        channel.PassOverUntil = accepted;
    }

    public void CountLost(in LostRecord lost, long offset)
    {
        IngestChannel channel = Channel(lost.ChannelId, offset);
        channel.Target?.CountLost(lost.Messages, lost.Reason.Length == 0 ? "source" : lost.Reason);
    }

    // A stream may follow on another, as when two files are copied into the socket; each has its own
    // definitions.
    private void Restart(in IngestRecord header)
    {
        if (!McapRecordReader.TryParseHeader(header.Content.Span, limits, out _, out McapError error))
            throw Bad(error, header.Offset);
        if (Source is not null)
            return;
        _schemas.Clear();
        _channels.Clear();
    }

    private void Define(ReadOnlySpan<byte> content, long offset)
    {
        if (!McapRecordReader.TryParseSchema(content, limits, out McapSchema schema, out McapError error))
            throw Bad(error, offset);
        if (schema.Id == 0)
            return;
        if (_schemas.TryGetValue(schema.Id, out McapSchema? known) && !known.Equals(schema))
        {
            throw new IngestStreamException(offset,
                $"Schema {schema.Id} is {known.Name} and cannot become {schema.Name}: give each schema an id "
                    + "of its own.");
        }

        _schemas[schema.Id] = schema;
    }

    private async ValueTask OpenAsync(IngestRecord record)
    {
        if (!McapRecordReader.TryParseChannel(record.Content.Span, limits, out McapChannel channel,
            out McapError error))
            throw Bad(error, record.Offset);
        if (Open(channel, record.Offset) is { } refusal && ChannelRefused is { } tell)
            await tell(channel.Id, refusal).ConfigureAwait(false);
    }

    /// <summary>Null, or why an SDK client's channel is not taken.</summary>
    private string? Open(McapChannel channel, long offset)
    {
        if (_channels.TryGetValue(channel.Id, out IngestChannel? known))
        {
            return known.Definition.Equals(channel)
                ? null
                : throw new IngestStreamException(offset,
                    $"Channel {channel.Id} is {known.Topic} and cannot become {channel.Topic}: give each "
                        + "channel an id of its own.");
        }

        ChannelSpec spec = ToSpec(channel, offset);
        try
        {
            RecordingChannel target = Source is null ? recorder.Channel(spec) : Source.Channel(spec);
            _channels.Add(channel.Id, new IngestChannel(channel, target));
            return null;
        }
        catch (ArgumentException exception)
        {
            if (Source is null)
                throw new IngestStreamException(offset,
                    $"{channel.Topic} cannot be recorded: {exception.Message}");
            _channels.Add(channel.Id, new IngestChannel(channel, null));
            return exception.Message;
        }
    }

    private ChannelSpec ToSpec(McapChannel channel, long offset)
    {
        McapSchema? schema = null;
        if (channel.SchemaId != 0 && !_schemas.TryGetValue(channel.SchemaId, out schema))
        {
            throw new IngestStreamException(offset,
                $"{channel.Topic} names schema {channel.SchemaId}, which has not been sent: send a Schema "
                + "record before the channel that names it.");
        }

        Dictionary<string, string> metadata = new(channel.Metadata, StringComparer.Ordinal);
        metadata.Remove(IngestMetadata.Lane, out string? lane);
        return new ChannelSpec
        {
            Topic = channel.Topic,
            MessageEncoding = channel.MessageEncoding,
            Schema = schema is null ? null : new SchemaSpec(schema.Name, schema.Encoding, schema.Data),
            Lane = string.IsNullOrEmpty(lane) ? null : lane,
            Metadata = metadata,
        };
    }

    // The content is borrowed until the task ends.
    private ValueTask<WriteResult> TakeMessageAsync(
        ReadOnlyMemory<byte> content, long offset, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> fields = content.Span;
        if (fields.Length < MessageFieldBytes)
            throw new IngestStreamException(offset,
                $"A message of {fields.Length} bytes is shorter than its {MessageFieldBytes} bytes of "
                    + "fields.");
        IngestChannel channel = Channel(BinaryPrimitives.ReadUInt16LittleEndian(fields), offset);
        MessageStamp stamp = new(
            BinaryPrimitives.ReadUInt64LittleEndian(fields[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(fields[14..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fields[2..]));
        Messages++;
        if (channel.Target is not { } target)
            return ValueTask.FromResult(WriteResult.Accepted); // Refused, and its client knows.
        if (Source is not null)
        {
            if (channel.NextOrdinal == 0)
                throw new IngestStreamException(offset,
                    $"{channel.Topic} has a message before its NextOrdinal record.");
            if (channel.NextOrdinal++ <= channel.PassOverUntil)
                return ValueTask.FromResult(WriteResult.Accepted);
        }

        ReadOnlyMemory<byte> payload = content[MessageFieldBytes..];
        return Source is null && whenFull == IngestWhenFull.Drop
            ? ValueTask.FromResult(target.WriteRaw(stamp, payload.Span))
            : target.WriteRawAsync(stamp, payload, cancellationToken);
    }

    private static void Check(WriteResult result, long offset)
    {
        if (result == WriteResult.DroppedStopped)
            throw new IngestStreamException(offset,
                "The recorder is stopping: connect again when the agent is back.");
    }

    private async ValueTask TakeChunkAsync(IngestRecord chunk, CancellationToken cancellationToken)
    {
        using IMemoryOwner<byte> records = Decompress(chunk);
        ReadOnlyMemory<byte> rest = records.Memory;
        while (!rest.IsEmpty)
        {
            IngestRecord inner = TakeInner(ref rest, chunk.Offset);
            if ((McapOpcode)inner.Opcode is McapOpcode.Message or McapOpcode.Schema or McapOpcode.Channel)
                await TakeAsync(inner, cancellationToken).ConfigureAwait(false);
        }
    }

    private IMemoryOwner<byte> Decompress(in IngestRecord chunk)
    {
        try
        {
            return ChunkBody.Decompress(chunk.Bytes.Span, limits);
        }
        catch (McapException exception)
        {
            throw Bad(exception.Error, chunk.Offset);
        }
    }

    // Offsets of what lies in a chunk are the chunk's: only those mean something outside of it.
    private IngestRecord TakeInner(ref ReadOnlyMemory<byte> rest, long chunkOffset)
    {
        McapReadStatus status =
            McapRecordReader.TryRead(rest.Span, limits, out McapRecordView view, out McapError error);
        if (status == McapReadStatus.NeedMore)
            throw new IngestStreamException(chunkOffset, "The last record of a chunk is cut short.");
        if (status == McapReadStatus.Error)
            throw Bad(error, chunkOffset);
        int totalBytes = (int)view.TotalBytes;
        ReadOnlyMemory<byte> bytes = rest[..totalBytes];
        IngestRecord inner =
            new((byte)view.Opcode, chunkOffset, bytes, bytes[(totalBytes - view.Content.Length)..]);
        rest = rest[totalBytes..];
        return inner;
    }

    private IngestChannel Channel(ushort id, long offset) =>
        _channels.TryGetValue(id, out IngestChannel? channel)
            ? channel
            : throw new IngestStreamException(offset,
                $"Channel {id} has not been sent: send a Channel record before its messages.");

    private static IngestStreamException Bad(McapError error, long offset) => new(offset, error.Message);

    private sealed class IngestChannel(McapChannel definition, RecordingChannel? target)
    {
        public McapChannel Definition { get; } = definition;

        public string Topic => Definition.Topic;

        /// <summary>Null: refused.</summary>
        public RecordingChannel? Target { get; } = target;

        /// <summary>0: the client has not said.</summary>
        public ulong NextOrdinal { get; set; }

        /// <summary>Messages up to this ordinal are recorded already.</summary>
        public ulong PassOverUntil { get; set; }
    }
}
