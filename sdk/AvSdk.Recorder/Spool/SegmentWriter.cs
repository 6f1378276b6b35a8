using System.Globalization;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Writes one segment, see <see cref="SegmentFormat"/>. After an exception it is of no further use.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly ISpoolFile _file;
    private readonly SegmentSink _sink;
    private readonly McapWriter _mcap;
    private readonly HashSet<uint> _channels = [];
    private readonly SegmentPositions _positions;

    private SegmentWriter(ISpoolFile file, SpoolSegment segment)
    {
        _file = file;
        _sink = new SegmentSink(file);
        Segment = segment;
        _positions = new SegmentPositions(segment.Recording.Info.RecordingId, segment.Lane.Name);
        _mcap = new McapWriter(_sink, Options);
    }

    public SpoolSegment Segment { get; }

    public long LengthBytes => _sink.Position;

    /// <summary>Bytes that are durable.</summary>
    public long DurableBytes { get; private set; }

    /// <summary>How segments are written: chunks come ready, with a CRC of their own.</summary>
    public static McapWriterOptions Options { get; } = new()
    {
        ChunkBytes = 0,
        DataSectionCrc = false,
        FinishOnDispose = false,
        Limits = new McapLimits { RecordBytesMax = int.MaxValue - 1024, ChunkBytesMax = int.MaxValue - 1024 },
    };

    /// <summary>Begins a segment in a new file.</summary>
    /// <exception cref="IOException">The disk refused; the file is closed.</exception>
    public static SegmentWriter Create(ISpoolFiles files, SpoolSegment segment) =>
        Create(files, segment, segment.FileName);

    /// <summary>Begins a segment in a new file of another name than its own.</summary>
    /// <exception cref="IOException">The disk refused; the file is closed.</exception>
    public static SegmentWriter Create(ISpoolFiles files, SpoolSegment segment, string fileName)
    {
        ISpoolFile file = files.Create(fileName);
        try
        {
            SegmentWriter writer = new(file, segment);
            writer._mcap.WriteMetadata(ToMetadata(segment));
            return writer;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends a chunk, with the definitions that it needs. Returns where it lies.</summary>
    public ChunkPlace Append(ClosedChunk chunk)
    {
        ChunkRecord record = new() { Header = chunk.Header! };
        record.Positions.AddRange(chunk.Positions);
        return Append(record, chunk.Body.Span);
    }

    /// <summary>As the other, of a chunk that was written before.</summary>
    public ChunkPlace Append(ChunkRecord record, ReadOnlySpan<byte> body)
    {
        ChunkPlace place = AppendRecord(record);
        long bodyOffset = _mcap.WriteChunkBody(body);
        _sink.Flush();
        return place with { BodyOffset = bodyOffset };
    }

    /// <summary>Appends the record of a chunk that has ended, without its body.</summary>
    public ChunkPlace AppendRecord(ChunkRecord record)
    {
        foreach (ChunkChannel channel in record.Header.Channels)
        {
            if (_channels.Add(channel.ChannelId))
                Define(channel.ChannelId);
        }

        byte[] content = RecordCheck.Seal(record, id => Segment.Recording.Definitions.Find(id)?.Channel);
        _positions.Add(record);
        // Opcode and length stand before the content: 9 bytes.
        long offset = _mcap.WritePrivateRecord(SegmentFormat.ChunkRecordOpcode, content) + 9;
        return new ChunkPlace(offset, content.Length, ChunkPlace.NoBody, (long)record.Header.BodyBytes);
    }

    /// <summary>Makes everything appended durable.</summary>
    public void Flush()
    {
        _sink.Flush();
        _file.Flush();
        DurableBytes = _sink.Position;
    }

    /// <summary>Writes the positions of sources, the summary and the end.</summary>
    public void Seal(bool isDurable)
    {
        // Who finds the positions may tell them: what they tell of is durable before they are written.
        if (isDurable && DurableBytes < _sink.Position)
            Flush();
        _mcap.WritePrivateRecord(SegmentFormat.PositionsOpcode, _positions.ToContent(isDurable));
        _mcap.Finish();
        _sink.Flush();
        if (isDurable)
            Flush();
    }

    /// <summary>Cuts the file back to what is durable, if the disk still does that much.</summary>
    public bool TryCutBack(long lengthBytes)
    {
        try
        {
            _file.Truncate(lengthBytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _mcap.Dispose();
        _file.Dispose();
    }

    private void Define(uint channelId)
    {
        (ChannelDefinition Channel, SchemaDefinition? Schema) found = Segment.Recording.Definitions.Find(channelId)
            ?? throw new InvalidOperationException($"Channel {channelId} is not defined.");
        ChannelDefinition channel = found.Channel;
        if (found.Schema is { } schema)
        {
            _mcap.AddSchema(
                new McapSchema((ushort)channel.SchemaId, schema.Name, schema.Encoding, schema.Data.Memory));
        }

        _mcap.AddChannel(new McapChannel(
            (ushort)channelId, (ushort)channel.SchemaId, channel.Topic, channel.MessageEncoding,
            new Dictionary<string, string>(channel.Metadata)));
    }

    private static McapMetadata ToMetadata(SpoolSegment segment)
    {
        RecordingInfo recording = segment.Recording.Info;
        Dictionary<string, string> values = new()
        {
            ["recording_id"] = segment.Recording.Id.ToString("D"),
            ["vehicle_id"] = recording.VehicleId,
            ["lane"] = segment.Lane.Name,
            ["started_at"] = recording.StartedAt.ToString(CultureInfo.InvariantCulture),
            ["recorder"] = recording.Recorder,
            ["begun_at"] = segment.BegunAtUnix.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string key, string value) in recording.Labels)
            values[SegmentFormat.LabelPrefix + key] = value;
        values[SegmentFormat.CheckKey] = SegmentFormat.CheckOf(values);
        return new McapMetadata(SegmentFormat.MetadataName, values);
    }
}
