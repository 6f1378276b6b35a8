using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Google.Protobuf;

namespace AvSdk.Gateway.Ingest;

/// <summary>A recording's definitions, arranged for checking chunks.</summary>
internal sealed class KnownRecording
{
    private readonly Dictionary<uint, ChannelDefinition> _channels;
    private readonly HashSet<ByteString> _schemas;

    public KnownRecording(RecordingDefinitions definitions)
    {
        Definitions = definitions;
        _channels = definitions.Channels.ToDictionary(channel => channel.ChannelId);
        _schemas = [.. definitions.Schemas.Select(schema => schema.Sha256)];
    }

    public RecordingDefinitions Definitions { get; }

    public string VehicleId => Definitions.Info.VehicleId;

    /// <summary>Hashes of schemas that a channel names and that are not here.</summary>
    public IEnumerable<ByteString> MissingSchemas =>
        Definitions.Channels.Select(channel => channel.SchemaSha256)
            .Where(hash => !hash.IsEmpty && !_schemas.Contains(hash)).Distinct();

    /// <summary>Null: every channel of the chunk is defined, in the chunk's lane.</summary>
    public string? CheckChannels(ChunkHeader header)
    {
        foreach (ChunkChannel counted in header.Channels)
        {
            string at = $"Chunk {ChunkKey.From(header.Ref)} holds channel {counted.ChannelId}";
            if (!_channels.TryGetValue(counted.ChannelId, out ChannelDefinition? channel))
                return at + ", which is not defined; send define with that channel first.";
            if (channel.Lane != header.Ref.Lane)
                return $"{at}, which is defined in lane {channel.Lane}.";
        }

        return null;
    }

    /// <summary>Null: the schemas of all its channels are here whole.</summary>
    public string? CheckSchemas(ChunkHeader header)
    {
        foreach (ChunkChannel counted in header.Channels)
        {
            if (_channels.TryGetValue(counted.ChannelId, out ChannelDefinition? channel)
                && channel.SchemaId != 0 && !_schemas.Contains(channel.SchemaSha256))
            {
                return $"A part of chunk {ChunkKey.From(header.Ref)} came before the schema of "
                    + $"{channel.Topic}; send define with the data of what defined.missing_schema_sha256 "
                    + "named.";
            }
        }

        return null;
    }
}
