using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>
/// The schemas and channels of one recording. Ids are the recording's, so they are the same in all its
/// segments. Safe for any number of threads; what was added never changes.
/// </summary>
internal sealed class RecordingDefinitions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ByteString, SchemaDefinition> _schemas = [];
    private readonly Dictionary<ByteString, uint> _schemaIds = [];
    private readonly SortedDictionary<uint, ChannelDefinition> _channels = [];
    private int _version;

    /// <summary>Rises with every channel; a gateway that was told an older one is to be told again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The channels, in order of id; a copy.</summary>
    public IReadOnlyList<ChannelDefinition> Channels
    {
        get
        {
            lock (_gate)
                return [.. _channels.Values];
        }
    }

    /// <summary>Defines a channel under the next free id.</summary>
    /// <exception cref="RecorderException">The recording has as many channels as MCAP can number.</exception>
    public ChannelDefinition Add(ChannelSpec spec, string lane)
    {
        lock (_gate)
        {
            uint id = _channels.Count == 0 ? 1 : _channels.Keys.Last() + 1;
            if (id > ushort.MaxValue)
            {
                throw new RecorderException(
                    $"A recording has at most {ushort.MaxValue} channels, \"{spec.Topic}\" is one more: use fewer topics.");
            }

            ChannelDefinition channel = new()
            {
                ChannelId = id,
                Topic = spec.Topic,
                MessageEncoding = spec.MessageEncoding,
                Lane = lane,
            };
            if (spec.Schema is { } schema)
            {
                channel.SchemaSha256 = SchemaHash.Compute(schema.Encoding, schema.Name, schema.Data.Span);
                channel.SchemaId = AddSchema(channel.SchemaSha256, schema);
            }

            foreach ((string key, string value) in spec.Metadata)
                channel.Metadata.Add(key, value);
            _channels.Add(id, channel);
            _version++;
            return channel;
        }
    }

    /// <summary>As <see cref="Add"/>; a topic that comes back to a lane has the channel that it had there.</summary>
    /// <exception cref="RecorderException">The recording has as many channels as MCAP can number.</exception>
    public ChannelDefinition FindOrAdd(ChannelSpec spec, string lane)
    {
        lock (_gate)
        {
            return _channels.Values.FirstOrDefault(channel => channel.Topic == spec.Topic && channel.Lane == lane)
                ?? Add(spec, lane);
        }
    }

    /// <summary>What a gateway was told of the recording is not the newest any more.</summary>
    public void Touch()
    {
        lock (_gate)
            _version++;
    }

    /// <summary>Adds what was read from a segment; what is known stays.</summary>
    public void AddRead(ChannelDefinition channel, SchemaDefinition? schema)
    {
        lock (_gate)
        {
            if (schema is not null && _schemas.TryAdd(schema.Sha256, schema))
                _schemaIds[schema.Sha256] = channel.SchemaId;
            if (_channels.TryAdd(channel.ChannelId, channel))
                _version++;
        }
    }

    public (ChannelDefinition Channel, SchemaDefinition? Schema)? Find(uint channelId)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(channelId, out ChannelDefinition? channel))
                return null;
            _schemas.TryGetValue(channel.SchemaSha256, out SchemaDefinition? schema);
            return (channel, schema);
        }
    }

    /// <summary>
    /// What to tell a gateway; schemas whole only where their hash is in <paramref name="whole"/>, and as
    /// many as keep the message near <paramref name="bytesTarget"/>: it will say which it still misses.
    /// </summary>
    public (Define Define, int Version) ToDefine(
        RecordingInfo recording, IReadOnlySet<ByteString> whole, int bytesTarget)
    {
        long bytes = 0;
        lock (_gate)
        {
            Define define = new() { Recording = recording };
            foreach (SchemaDefinition schema in _schemas.Values)
            {
                bool isWhole = whole.Contains(schema.Sha256)
                    && (bytes == 0 || bytes + schema.Data.Length <= bytesTarget);
                bytes += isWhole ? schema.Data.Length : 0;
                define.Schemas.Add(isWhole
                    ? schema
                    : new SchemaDefinition { Sha256 = schema.Sha256, Name = schema.Name, Encoding = schema.Encoding });
            }

            define.Channels.AddRange(_channels.Values);
            return (define, _version);
        }
    }

    /// <summary>Whether the recording has a schema of this hash that is more than its hash.</summary>
    public bool HasData(ByteString schemaSha256)
    {
        lock (_gate)
            return _schemas.TryGetValue(schemaSha256, out SchemaDefinition? schema) && schema.Data.Length > 0;
    }

    private uint AddSchema(ByteString hash, SchemaSpec schema)
    {
        if (_schemaIds.TryGetValue(hash, out uint known))
            return known;
        uint id = (uint)_schemaIds.Count + 1;
        _schemaIds.Add(hash, id);
        _schemas.Add(hash, new SchemaDefinition
        {
            Sha256 = hash,
            Name = schema.Name,
            Encoding = schema.Encoding,
            Data = ByteString.CopyFrom(schema.Data.Span),
        });
        return id;
    }
}
