namespace AvSdk.Mcap;

/// <content>Schemas and channels: ids, and where they are written.</content>
public sealed partial class McapWriter
{
    /// <summary>Adds a schema; the same again is passed over.</summary>
    /// <exception cref="ArgumentException">The id is 0, or in use for another schema.</exception>
    public void AddSchema(McapSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _output.ThrowIfNotOpen();
        if (schema.Id == 0)
            throw new ArgumentException("Schema id 0 means \"no schema\": give it one from 1.",
                nameof(schema));
        if (_tally.Definitions.Add(schema) is McapSchema other)
        {
            if (!other.Equals(schema))
                throw new ArgumentException($"Schema id {schema.Id} is in use for \"{other.Name}\".",
                    nameof(schema));
            return;
        }

        if (_chunkDefinitions is not null)
        {
            _chunkDefinitions.Owe(schema);
            return;
        }

        _chunks?.DrainWorkers();
        McapRecordWriter.WriteSchema(_buffer, schema);
        EmitBuffer();
    }

    /// <summary>
    /// Adds a schema under the next free id, which is returned; for the same again, the id that it has.
    /// </summary>
    public ushort AddSchema(string name, string encoding, ReadOnlyMemory<byte> data)
    {
        if (_tally.Definitions.Find(name, encoding, data.Span) is ushort known)
            return known;
        ushort id = _tally.Definitions.NextSchemaId();
        AddSchema(new McapSchema(id, name, encoding, data));
        return id;
    }

    /// <summary>Adds a channel; the same again is passed over.</summary>
    /// <exception cref="ArgumentException">The id is in use for another channel, or the schema is not
    /// known.</exception>
    public void AddChannel(McapChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        _output.ThrowIfNotOpen();
        if (channel.SchemaId != 0 && !_tally.Definitions.HasSchema(channel.SchemaId))
        {
            throw new ArgumentException(
                $"Channel {channel.Id} ({channel.Topic}) names schema {channel.SchemaId}: add that first.",
                nameof(channel));
        }

        if (_tally.Definitions.Add(channel) is McapChannel other)
        {
            if (!other.Equals(channel))
                throw new ArgumentException($"Channel id {channel.Id} is in use for {other.Topic}.",
                    nameof(channel));
            return;
        }

        if (_chunkDefinitions is not null)
        {
            _chunkDefinitions.Owe(channel);
            return;
        }

        _chunks?.DrainWorkers();
        McapRecordWriter.WriteChannel(_buffer, channel);
        EmitBuffer();
    }

    /// <summary>
    /// Adds a channel under the next free id, which is returned; for the same again, the id that it has.
    /// </summary>
    public ushort AddChannel(string topic, string messageEncoding, ushort schemaId = 0)
    {
        if (_tally.Definitions.Find(topic, messageEncoding, schemaId) is ushort known)
            return known;
        ushort id = _tally.Definitions.NextChannelId();
        AddChannel(new McapChannel(id, schemaId, topic, messageEncoding));
        return id;
    }

    private void Admit(ushort channelId)
    {
        if (!_tally.Definitions.HasChannel(channelId))
        {
            throw new ArgumentException($"Channel {channelId} was not added: call AddChannel first.",
                nameof(channelId));
        }

        _chunkDefinitions?.Enter(channelId, _chunks!.Open);
        _admittedChannel = channelId;
    }

    private void PayDefinitions()
    {
        if (_chunkDefinitions is null)
            return;
        _chunkDefinitions.Pay(_buffer);
        EmitBuffer();
    }
}
