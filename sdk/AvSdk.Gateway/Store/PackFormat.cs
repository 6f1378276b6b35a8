using System.Globalization;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Mcap;

namespace AvSdk.Gateway.Store;

// A pack, packs/<vehicle>/<recording>/<number, 6 digits>.mcap:
//
//   magic, Header (profile "", library "avsdk")
//   Metadata "av.recording": recording_id, vehicle_id, started_at (ns), recorder, label.<key> for each label
//   Schema and Channel records; more of them wherever new ones come up
//   for each chunk: private record 0x80 = av.v1.ChunkRecord (header), then the body byte for byte as recorded
//   DataEnd, summary, footer, magic: when sealed
//
// All chunks are of one recording, so ids are the recording's. A pack that was left open is cut behind the
// last body that has a row in the index, and sealed; what was cut has no receipt and is sent again.

/// <summary>The records of a pack that are not chunks.</summary>
internal static class PackFormat
{
    public const byte ChunkRecordOpcode = 0x80;
    public const string MetadataName = "av.recording";
    private const string LabelPrefix = "label.";

    public static McapWriterOptions WriterOptions { get; } =
        new() { ChunkBytes = 0, FinishOnDispose = false };

    public static McapMetadata Describe(RecordingInfo recording)
    {
        Dictionary<string, string> values = new()
        {
            ["recording_id"] = RecordingIds.Text(RecordingIds.Read(recording.RecordingId)),
            ["vehicle_id"] = recording.VehicleId,
            ["started_at"] = recording.StartedAt.ToString(CultureInfo.InvariantCulture),
            ["recorder"] = recording.Recorder,
        };
        foreach ((string key, string value) in recording.Labels
            .OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            values[LabelPrefix + key] = value;
        }

        return new McapMetadata(MetadataName, values);
    }

    /// <summary>Null: the metadata is not that of a recording.</summary>
    public static RecordingInfo? ReadRecording(McapMetadata metadata)
    {
        if (metadata.Name != MetadataName
            || !metadata.Values.TryGetValue("recording_id", out string? id)
            || !Guid.TryParse(id, out Guid recordingId)
            || !metadata.Values.TryGetValue("vehicle_id", out string? vehicleId))
        {
            return null;
        }

        _ = ulong.TryParse(
            metadata.Values.GetValueOrDefault("started_at"), CultureInfo.InvariantCulture,
            out ulong startedAt);
        RecordingInfo recording = new()
        {
            RecordingId = RecordingIds.Write(recordingId),
            VehicleId = vehicleId,
            StartedAt = startedAt,
            Recorder = metadata.Values.GetValueOrDefault("recorder", ""),
        };
        foreach ((string key, string value) in metadata.Values)
        {
            if (key.StartsWith(LabelPrefix, StringComparison.Ordinal))
                recording.Labels[key[LabelPrefix.Length..]] = value;
        }

        return recording;
    }

    /// <summary>
    /// Schemas and channels in MCAP's terms; channels whose schema is not here are left out.
    /// </summary>
    public static (IEnumerable<McapSchema> Schemas, IEnumerable<McapChannel> Channels) Define(
        RecordingDefinitions definitions)
    {
        Dictionary<Google.Protobuf.ByteString, SchemaDefinition> schemas =
            definitions.Schemas.ToDictionary(schema => schema.Sha256);
        ChannelDefinition[] channels =
        [
            .. definitions.Channels
                .Where(channel => channel.SchemaId == 0 || schemas.ContainsKey(channel.SchemaSha256)),
        ];
        return (
            channels.Where(channel => channel.SchemaId != 0)
                .DistinctBy(channel => channel.SchemaId)
                .OrderBy(channel => channel.SchemaId)
                .Select(channel => ToMcap((ushort)channel.SchemaId, schemas[channel.SchemaSha256])),
            channels.Select(channel => new McapChannel(
                (ushort)channel.ChannelId, (ushort)channel.SchemaId, channel.Topic, channel.MessageEncoding,
                new Dictionary<string, string>(channel.Metadata))));
    }

    public static McapSchema ToMcap(ushort id, SchemaDefinition schema) =>
        new(id, schema.Name, schema.Encoding, schema.Data.Memory);
}
