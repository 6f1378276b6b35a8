using System.Globalization;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>What a segment of an earlier run holds: its recording, definitions and chunks.</summary>
internal sealed class SegmentScan
{
    // Opcode and length.
    private const int PrefixBytes = 9;

    private readonly SortedDictionary<uint, (ChannelDefinition Channel, SchemaDefinition? Schema)> _definitions = [];

    private SegmentScan(McapScan mcap, RecordingInfo recording)
    {
        Mcap = mcap;
        Recording = recording;
    }

    public McapScan Mcap { get; }

    public RecordingInfo Recording { get; }

    /// <summary>What the segment says of its recording is as it was written.</summary>
    public bool IsRecordingSound { get; private init; }

    /// <summary>Whole chunks by framing; their hashes are not checked.</summary>
    public List<ScannedChunk> Chunks { get; } = [];

    /// <summary>Chunks that had ended when the segment was written anew: records without a body.</summary>
    public List<ScannedChunk> Ended { get; } = [];

    /// <summary>Chunks' records without a chunk behind them, and that do not say why.</summary>
    public int OrphanedRecords { get; private set; }

    /// <summary>When the segment was begun, ns since 1970; 0: it does not say.</summary>
    public ulong BegunAt { get; private init; }

    /// <summary>Where the last of them ends; the end of the definitions where there is none.</summary>
    public long EndOfChunks { get; private set; }

    /// <summary>
    /// Reads a segment. Null: its beginning is torn or not a segment's; <paramref name="problem"/> says why.
    /// </summary>
    public static SegmentScan? TryRead(ISpoolFile file, SegmentName name, out string problem)
    {
        McapLimits limits = SegmentWriter.Options.Limits;
        if (!McapScan.TryRun(new SpoolFileSource(file), limits, out McapScan? mcap, out McapError error))
        {
            problem = error.ToString();
            return null;
        }

        McapMetadata? metadata = mcap.Metadata.FirstOrDefault(
            static record => record.Name == SegmentFormat.MetadataName);
        if (metadata is null || ToInfo(metadata) is not { } info)
        {
            problem = $"there is no {SegmentFormat.MetadataName} metadata";
            return null;
        }

        if (info.RecordingId != RecordingIds.ToBytes(name.RecordingId))
        {
            problem = "its metadata are of another recording";
            return null;
        }

        SegmentScan scan = new(mcap, info)
        {
            BegunAt = Number(metadata, "begun_at"),
            IsRecordingSound =
                metadata.Values.GetValueOrDefault(SegmentFormat.CheckKey) == SegmentFormat.CheckOf(metadata.Values),
        };
        scan.ReadDefinitions();
        scan.ReadChunks(file, name);
        problem = "";
        return scan;
    }

    /// <summary>Adds the definitions of the channels that a sound record names: its check covers them.</summary>
    public void AddDefinitionsTo(RecordingDefinitions definitions, string lane)
    {
        HashSet<uint> sound = [];
        foreach (ScannedChunk chunk in Chunks)
            AddChannels(chunk, sound);
        foreach (ScannedChunk chunk in Ended)
            AddChannels(chunk, sound);
        foreach ((uint id, (ChannelDefinition channel, SchemaDefinition? schema)) in _definitions)
        {
            if (!sound.Contains(id))
                continue;
            channel.Lane = lane;
            definitions.AddRead(channel, schema);
        }
    }

    private void ReadDefinitions()
    {
        Dictionary<ushort, McapSchema> schemas = Mcap.Schemas.ToDictionary(static schema => schema.Id);
        foreach (McapChannel channel in Mcap.Channels)
        {
            ChannelDefinition definition = new()
            {
                ChannelId = channel.Id,
                Topic = channel.Topic,
                MessageEncoding = channel.MessageEncoding,
                SchemaId = channel.SchemaId,
            };
            foreach ((string key, string value) in channel.Metadata)
                definition.Metadata[key] = value;
            SchemaDefinition? schema = null;
            if (schemas.TryGetValue(channel.SchemaId, out McapSchema? known))
            {
                schema = new SchemaDefinition
                {
                    Sha256 = SchemaHash.Compute(known.Encoding, known.Name, known.Data.Span),
                    Name = known.Name,
                    Encoding = known.Encoding,
                    Data = ByteString.CopyFrom(known.Data.Span),
                };
                definition.SchemaSha256 = schema.Sha256;
            }

            _definitions[channel.Id] = (definition, schema);
        }
    }

    private static void AddChannels(ScannedChunk chunk, HashSet<uint> ids)
    {
        if (chunk.Record is not { } record)
            return;
        foreach (ChunkChannel channel in record.Header.Channels)
            ids.Add(channel.ChannelId);
    }

    // Each body is preceded at once by its record. A chunk without one that fits it is kept in the list: it
    // was written, so somebody has to be told of it.
    private void ReadChunks(ISpoolFile file, SegmentName name)
    {
        HashSet<long> offsets = [];
        foreach (McapScannedChunk chunk in Mcap.Chunks)
            offsets.Add(chunk.Offset);
        Dictionary<long, McapScannedRecord> recordsByEnd = [];
        List<long> orphans = [];
        foreach (McapScannedRecord record in Mcap.PrivateRecords)
        {
            if (record.Opcode != SegmentFormat.ChunkRecordOpcode)
                continue;
            recordsByEnd[record.End] = record;
            if (!offsets.Contains(record.End))
                orphans.Add(record.End);
        }

        foreach (McapScannedChunk chunk in Mcap.Chunks)
        {
            int orphansBefore = orphans.Count(end => end < chunk.Offset);
            ulong sequence = name.FirstSequence + (ulong)(Chunks.Count + orphansBefore);
            int contentBytes = 0;
            ChunkRecord? parsed = null;
            if (recordsByEnd.TryGetValue(chunk.Offset, out McapScannedRecord? record))
            {
                contentBytes = (int)record.TotalBytes - PrefixBytes;
                parsed = RecordCheck.TryOpen(
                    Content(file, record, contentBytes), id => _definitions.GetValueOrDefault(id).Channel);
                if (parsed is not null && !Fits(parsed.Header, chunk, name, sequence))
                    parsed = null;
            }

            ChunkPlace place = new(chunk.Offset - contentBytes, contentBytes, chunk.Offset, chunk.BodyBytes);
            Chunks.Add(new ScannedChunk(sequence, parsed, place));
            EndOfChunks = chunk.End;
        }

        for (int at = 0; at < orphans.Count; at++)
        {
            int chunksBefore = Mcap.Chunks.Count(chunk => chunk.Offset < orphans[at]);
            AddEnded(file, name, recordsByEnd[orphans[at]], name.FirstSequence + (ulong)(chunksBefore + at));
        }
    }

    // A chunk that had ended when the segment was written anew.
    private void AddEnded(ISpoolFile file, SegmentName name, McapScannedRecord record, ulong sequence)
    {
        int contentBytes = (int)record.TotalBytes - PrefixBytes;
        ChunkRecord? parsed = RecordCheck.TryOpen(
            Content(file, record, contentBytes), id => _definitions.GetValueOrDefault(id).Channel);
        if (parsed is { End: > 0 } ended && Names(ended.Header, name, sequence))
        {
            ChunkPlace place = new(
                record.End - contentBytes, contentBytes, ChunkPlace.NoBody, (long)ended.Header.BodyBytes);
            Ended.Add(new ScannedChunk(sequence, ended, place));
        }
        else
        {
            OrphanedRecords++;
        }
    }

    // The scan keeps no large record's content; one with thousands of positions is large and good.
    private static ReadOnlySpan<byte> Content(ISpoolFile file, McapScannedRecord record, int contentBytes)
    {
        if (record.Content.Length == contentBytes)
            return record.Content.Span;
        byte[] content = new byte[contentBytes];
        int read = file.Read(record.Offset + PrefixBytes, content);
        return content.AsSpan(0, read);
    }

    // A record that is sound may still stand in the wrong place: what it repeats of the file's name and of the body has
    // to agree, else the chunk would be delivered as another one, or be taken for one that has been.
    private static bool Fits(ChunkHeader header, McapScannedChunk chunk, SegmentName name, ulong sequence)
    {
        McapChunkIndex body = chunk.Index;
        if (!Names(header, name, sequence)
            || header.BodyBytes != (ulong)chunk.BodyBytes
            || header.UncompressedBytes != body.UncompressedSize
            || header.Compression != body.Compression
            || header.FirstLogTime != body.MessageStartTime
            || header.LastLogTime != body.MessageEndTime)
        {
            return false;
        }

        Dictionary<uint, ulong> told = [];
        foreach (ChunkChannel channel in header.Channels)
            told[channel.ChannelId] = channel.Messages;
        if (told.Count != header.Channels.Count || told.Count != chunk.Channels.Count)
            return false;
        foreach (ChunkBodyChannel channel in chunk.Channels)
        {
            if (!told.Remove(channel.ChannelId, out ulong messages) || messages != (ulong)channel.Messages)
                return false;
        }

        return true;
    }

    private static bool Names(ChunkHeader header, SegmentName name, ulong sequence) =>
        header.Ref.Sequence == sequence
        && header.Ref.Lane == name.Lane
        && header.Ref.RecordingId == RecordingIds.ToBytes(name.RecordingId);

    private static ulong Number(McapMetadata metadata, string key) =>
        ulong.TryParse(metadata.Values.GetValueOrDefault(key, ""), CultureInfo.InvariantCulture, out ulong value)
            ? value
            : 0;

    private static RecordingInfo? ToInfo(McapMetadata metadata)
    {
        IReadOnlyDictionary<string, string> values = metadata.Values;
        if (!values.TryGetValue("recording_id", out string? idText) || !Guid.TryParseExact(idText, "D", out Guid id))
            return null;
        RecordingInfo info = new()
        {
            RecordingId = RecordingIds.ToBytes(id),
            VehicleId = values.GetValueOrDefault("vehicle_id", ""),
            Recorder = values.GetValueOrDefault("recorder", ""),
        };
        info.StartedAt = Number(metadata, "started_at");
        foreach ((string key, string value) in values)
        {
            if (key.StartsWith(SegmentFormat.LabelPrefix, StringComparison.Ordinal))
                info.Labels[key[SegmentFormat.LabelPrefix.Length..]] = value;
        }

        return info;
    }
}
