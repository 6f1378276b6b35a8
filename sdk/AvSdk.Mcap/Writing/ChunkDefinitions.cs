using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Which definitions the open chunk has, for a file whose definitions stand in its chunks. What no chunk got
/// is owed to the data section: by the end of the file, or before a body that was made elsewhere.
/// </summary>
internal sealed class ChunkDefinitions(WriterDefinitions definitions)
{
    private readonly SortedSet<ushort> _owedSchemas = [];
    private readonly SortedSet<ushort> _owedChannels = [];
    private readonly HashSet<ushort> _schemasInChunk = [];
    private readonly HashSet<ushort> _channelsInChunk = [];
    private readonly ArrayBufferWriter<byte> _record = new(256);

    public void Owe(McapSchema schema) => _owedSchemas.Add(schema.Id);

    public void Owe(McapChannel channel) => _owedChannels.Add(channel.Id);

    public void BeginChunk()
    {
        _schemasInChunk.Clear();
        _channelsInChunk.Clear();
    }

    /// <summary>Puts a channel and its schema into the chunk, unless they are in it.</summary>
    public void Enter(ushort channelId, ChunkBuilder chunk)
    {
        if (!_channelsInChunk.Add(channelId))
            return;
        McapChannel channel = definitions.Channel(channelId)!;
        if (definitions.Schema(channel.SchemaId) is McapSchema schema && _schemasInChunk.Add(schema.Id))
        {
            McapRecordWriter.WriteSchema(_record, schema);
            _owedSchemas.Remove(schema.Id);
        }

        McapRecordWriter.WriteChannel(_record, channel);
        _owedChannels.Remove(channelId);
        chunk.AddDefinition(_record.WrittenSpan);
        _record.ResetWrittenCount();
    }

    /// <summary>Writes what is still owed.</summary>
    public void Pay(IBufferWriter<byte> output)
    {
        foreach (ushort id in _owedSchemas)
            McapRecordWriter.WriteSchema(output, definitions.Schema(id)!);
        foreach (ushort id in _owedChannels)
        {
            // Its schema may stand in a chunk, and chunks are not opened by everyone: once more, then.
            McapChannel channel = definitions.Channel(id)!;
            if (!_owedSchemas.Contains(channel.SchemaId)
                && definitions.Schema(channel.SchemaId) is McapSchema schema)
                McapRecordWriter.WriteSchema(output, schema);
            McapRecordWriter.WriteChannel(output, channel);
        }

        _owedSchemas.Clear();
        _owedChannels.Clear();
    }
}
