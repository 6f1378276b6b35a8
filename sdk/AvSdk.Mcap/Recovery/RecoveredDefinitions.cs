using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// The schemas and channels of a recovered file. The first definition of an id holds; another one makes what comes
/// after it ambiguous. Written when the first message needs them.
/// </summary>
/// <remarks>
/// A definition outside of chunks has no checksum of its own. Where it differs from the one in a summary whose CRC is
/// right, and the data section's CRC is not, the summary's holds.
/// </remarks>
internal sealed class RecoveredDefinitions(
    SurvivingSummary summary,
    DataSectionCheck dataSection,
    SkippedList skipped,
    List<McapError> mended,
    IBufferWriter<byte> repair)
{
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly Dictionary<ushort, bool> _vouched = [];
    private readonly HashSet<ushort> _doubtfulSchemas = [];
    private readonly Dictionary<ushort, McapError> _doubtful = [];
    private readonly HashSet<ushort> _written = [];
    private readonly HashSet<ushort> _writtenSchemas = [];

    public IEnumerable<McapChannel> Channels => _channels.Values.Where(c => _written.Contains(c.Id)).OrderBy(c => c.Id);

    /// <summary>Whether the record may stay where it is: it says what the recovered file says.</summary>
    public bool Take(McapSchema schema, long offset, long bytes)
    {
        if (schema.Id == 0)
            return true;
        if (!_schemas.TryGetValue(schema.Id, out McapSchema? known))
        {
            known = schema;
            if (IsFromSummary(summary.Schema(schema.Id), schema))
            {
                known = summary.Schema(schema.Id)!;
                McapRecordWriter.WriteSchema(repair, known);
                Mend(DefinitionErrors.DuplicateSchema(known, schema) with { Offset = offset });
            }

            _schemas.Add(schema.Id, known);
            return known.Equals(schema);
        }

        if (known.Equals(schema))
            return true;
        McapError error = DefinitionErrors.DuplicateSchema(known, schema) with { Offset = offset };
        if (IsFromSummary(summary.Schema(schema.Id), schema) && known.Equals(summary.Schema(schema.Id)))
        {
            Mend(error);
            return false;
        }

        _doubtfulSchemas.Add(schema.Id);
        skipped.Add(offset, bytes, error, 0);
        return false;
    }

    /// <summary>Whether the record may stay where it is: it says what the recovered file says.</summary>
    /// <param name="channel">What was read.</param>
    /// <param name="offset">Its place in the file, for reports.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="isVouched">Whether a checksum vouches for it.</param>
    public bool Take(McapChannel channel, long offset, long bytes, bool isVouched)
    {
        if (!_channels.TryGetValue(channel.Id, out McapChannel? known))
        {
            known = channel;
            if (!isVouched && IsFromSummary(summary.Channel(channel.Id), channel))
            {
                known = summary.Channel(channel.Id)!;
                isVouched = true;
                McapRecordWriter.WriteChannel(repair, known);
                Mend(DefinitionErrors.DuplicateChannel(known, channel) with { Offset = offset });
            }

            if (_doubtfulSchemas.Contains(known.SchemaId))
            {
                _doubtful.TryAdd(known.Id, new McapError(McapErrorKind.DuplicateSchemaId, offset,
                    $"one schema {known.SchemaId} for channel {known.Id} (\"{known.Topic}\")", "two"));
            }

            _channels.Add(known.Id, known);
            _vouched[known.Id] = isVouched;
            return known.Equals(channel);
        }

        if (known.Equals(channel))
        {
            _vouched[channel.Id] |= isVouched;
            return true;
        }

        McapError error = DefinitionErrors.DuplicateChannel(known, channel) with { Offset = offset };
        if (!isVouched && IsFromSummary(summary.Channel(channel.Id), channel)
            && known.Equals(summary.Channel(channel.Id)))
        {
            Mend(error);
            return false;
        }

        if (isVouched && !_vouched[channel.Id] && !_written.Contains(channel.Id))
        {
            _channels[channel.Id] = channel;
            _vouched[channel.Id] = true;
            Mend(error);
            return true;
        }

        _doubtful.TryAdd(channel.Id, error);
        skipped.Add(offset, bytes, error, 0);
        return false;
    }

    /// <summary>Whether messages of a channel can be kept; else why not.</summary>
    /// <param name="id">The channel.</param>
    /// <param name="offset">Where it is needed.</param>
    /// <param name="isListed">Whether the message is in a chunk that the summary lists, so that its definitions
    /// belong to it.</param>
    /// <param name="error">Why not.</param>
    public bool Has(ushort id, long offset, bool isListed, out McapError error)
    {
        if (_doubtful.TryGetValue(id, out error))
            return false;
        if (_channels.ContainsKey(id))
            return true;
        bool belongs = isListed || (summary.IsVouched && !summary.IsShifted);
        if (belongs && summary.Channel(id) is McapChannel channel)
        {
            _channels.Add(id, channel);
            _vouched[id] = summary.IsVouched;
            Mend(new McapError(McapErrorKind.UnknownChannel, offset, $"channel {id} before its messages",
                $"\"{channel.Topic}\" in the summary"));
            return true;
        }

        error = DefinitionErrors.UnknownChannel(id) with { Offset = offset };
        return false;
    }

    /// <summary>Writes a channel and its schema, unless they are written.</summary>
    public void Write(McapWriter writer, ushort id)
    {
        if (!_written.Add(id))
            return;
        McapChannel channel = _channels[id];
        if (channel.SchemaId != 0)
            WriteSchema(writer, channel);
        writer.AddChannel(channel);
    }

    /// <summary>Writes what no message needed.</summary>
    public void WriteRest(McapWriter writer)
    {
        foreach (McapChannel channel in summary.CertainChannels)
            _channels.TryAdd(channel.Id, channel);
        foreach (McapSchema schema in _schemas.Values.Where(s => _writtenSchemas.Add(s.Id)).OrderBy(s => s.Id))
            writer.AddSchema(schema);
        foreach (ushort id in _channels.Keys.Order())
            Write(writer, id);
    }

    private void WriteSchema(McapWriter writer, McapChannel channel)
    {
        ushort id = channel.SchemaId;
        if (!_writtenSchemas.Add(id))
            return;
        if (!_schemas.TryGetValue(id, out McapSchema? schema))
        {
            bool isInSummary = summary.IsVouched && !summary.IsShifted && summary.Schema(id) is not null;
            schema = isInSummary ? summary.Schema(id)! : new McapSchema(id, "", "", default);
            _schemas.Add(id, schema);
            if (isInSummary && channel.Equals(summary.Channel(channel.Id)) && !_vouched.ContainsKey(channel.Id))
            {
                // Neither stands in the data section, and no message needs it.
                writer.AddSchema(schema);
                return;
            }

            Mend(isInSummary
                ? new McapError(McapErrorKind.ChannelWithoutSchema, 0, DefinitionErrors.NoSchema(channel).Expected,
                    $"\"{schema.Name}\" in the summary")
                : DefinitionErrors.NoSchema(channel));
        }

        writer.AddSchema(schema);
    }

    private bool IsFromSummary<T>(T? listed, T read)
        where T : class =>
        listed is not null && summary.IsVouched && !summary.IsShifted && !listed.Equals(read) && !dataSection.IsRight;

    private void Mend(McapError error)
    {
        if (mended.Count < McapRecoveryReport.EntriesMax)
            mended.Add(error);
    }
}
