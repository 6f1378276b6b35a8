using System.Globalization;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>What a segment of an earlier run holds: its recording, definitions and chunks.</summary>
internal sealed class SegmentScan
{
    private SegmentScan(McapScan mcap, RecordingInfo recording)
    {
        Mcap = mcap;
        Recording = recording;
    }

    public McapScan Mcap { get; }

    public RecordingInfo Recording { get; }

    /// <summary>Whole chunks by framing; their hashes are not checked.</summary>
    public List<(ChunkRecord Record, ChunkPlace Place)> Chunks { get; } = [];

    /// <summary>Where the last of them ends; the end of the definitions where there is none.</summary>
    public long EndOfChunks { get; private set; }

    /// <summary>
    /// Reads a segment. Null: its beginning is torn or not a segment's; <paramref name="problem"/> says why.
    /// </summary>
    public static SegmentScan? TryRead(ISpoolFile file, out string problem)
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

        SegmentScan scan = new(mcap, info);
        scan.ReadChunks();
        problem = "";
        return scan;
    }

    public void AddDefinitionsTo(RecordingDefinitions definitions, string lane)
    {
        Dictionary<ushort, McapSchema> schemas = Mcap.Schemas.ToDictionary(static schema => schema.Id);
        foreach (McapChannel channel in Mcap.Channels)
        {
            ChannelDefinition definition = new()
            {
                ChannelId = channel.Id,
                Topic = channel.Topic,
                MessageEncoding = channel.MessageEncoding,
                Lane = lane,
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

            definitions.AddRead(definition, schema);
        }
    }

    // Each body is preceded at once by its record; anything else between them is not ours.
    private void ReadChunks()
    {
        Dictionary<long, McapScannedRecord> recordsByEnd = [];
        foreach (McapScannedRecord record in Mcap.PrivateRecords)
        {
            if (record.Opcode == SegmentFormat.ChunkRecordOpcode)
                recordsByEnd[record.End] = record;
        }

        foreach (McapScannedChunk chunk in Mcap.Chunks)
        {
            if (!recordsByEnd.TryGetValue(chunk.Offset, out McapScannedRecord? record)
                || TryParse(record.Content.Span) is not { } parsed
                || parsed.Header.BodyBytes != (ulong)chunk.BodyBytes)
            {
                continue;
            }

            int contentBytes = record.Content.Length;
            Chunks.Add((parsed, new ChunkPlace(record.End - contentBytes, contentBytes, chunk.Offset, chunk.BodyBytes)));
            EndOfChunks = chunk.End;
        }
    }

    private static ChunkRecord? TryParse(ReadOnlySpan<byte> content)
    {
        try
        {
            ChunkRecord record = ChunkRecord.Parser.ParseFrom(content);
            return record.Header?.Ref is null ? null : record;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

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
        if (ulong.TryParse(values.GetValueOrDefault("started_at", ""), CultureInfo.InvariantCulture, out ulong startedAt))
            info.StartedAt = startedAt;
        foreach ((string key, string value) in values)
        {
            if (key.StartsWith(SegmentFormat.LabelPrefix, StringComparison.Ordinal))
                info.Labels[key[SegmentFormat.LabelPrefix.Length..]] = value;
        }

        return info;
    }
}
