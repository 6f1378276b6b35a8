namespace AvSdk.Mcap;

/// <summary>Definitions as they come: the same id stands for the same thing, a schema comes before its channel.</summary>
internal sealed class DefinitionCheck(CheckedFile file, FindingList findings, McapLimits limits)
{
    /// <summary>Takes a Schema or Channel record of the data section.</summary>
    /// <param name="opcode">Which of both.</param>
    /// <param name="content">Its content.</param>
    /// <param name="offset">For reports.</param>
    public void Take(McapOpcode opcode, ReadOnlySpan<byte> content, long offset)
    {
        if (opcode == McapOpcode.Schema)
        {
            if (McapRecordReader.TryParseSchema(content, limits, out McapSchema schema, out McapError error))
                Take(schema, offset);
            else
                findings.Error("record-content", error.In(offset + McapFormat.RecordPrefixBytes));
        }
        else if (McapRecordReader.TryParseChannel(content, limits, out McapChannel channel, out McapError error))
        {
            Take(channel, offset);
        }
        else
        {
            findings.Error("record-content", error.In(offset + McapFormat.RecordPrefixBytes));
        }
    }

    private void Take(McapSchema schema, long offset)
    {
        if (schema.Id == 0)
        {
            findings.Warning("schema-zero", offset, $"Schema \"{schema.Name}\" at byte {offset} has id 0, which readers skip.",
                "Give it an id from 1.");
        }
        else if (!file.Schemas.TryAdd(schema.Id, schema) && !file.Schemas[schema.Id].Equals(schema))
        {
            findings.Error("schema-conflict",
                DefinitionErrors.DuplicateSchema(file.Schemas[schema.Id], schema) with { Offset = offset });
        }
    }

    private void Take(McapChannel channel, long offset)
    {
        if (channel.SchemaId != 0 && !file.Schemas.ContainsKey(channel.SchemaId))
            findings.Error("channel-schema", DefinitionErrors.NoSchema(channel) with { Offset = offset });
        if (!file.Channels.TryAdd(channel.Id, channel) && !file.Channels[channel.Id].Equals(channel))
        {
            findings.Error("channel-conflict",
                DefinitionErrors.DuplicateChannel(file.Channels[channel.Id], channel) with { Offset = offset });
        }
    }
}
