namespace AvSdk.Mcap.Tool.Edits;

/// <summary>Copies what stands beside the messages.</summary>
internal static class ExtrasCopy
{
    /// <summary>The schemas that the channels need, then the channels, under the ids that they have.</summary>
    public static void Definitions(McapIndexedReader reader, McapWriter writer, IReadOnlyCollection<McapChannel> channels)
    {
        HashSet<ushort> schemas = [.. channels.Select(channel => channel.SchemaId)];
        foreach (McapSchema schema in reader.Schemas.Values.OrderBy(schema => schema.Id))
        {
            if (schemas.Contains(schema.Id))
                writer.AddSchema(schema);
        }

        foreach (McapChannel channel in channels.OrderBy(channel => channel.Id))
            writer.AddChannel(channel);
    }

    public static int Metadata(McapIndexedReader reader, McapWriter writer)
    {
        foreach (McapMetadataIndex index in reader.MetadataIndexes)
            writer.WriteMetadata(reader.ReadMetadata(index));
        return reader.MetadataIndexes.Count;
    }

    public static int Attachments(McapIndexedReader reader, McapWriter writer, CancellationToken cancellationToken)
    {
        foreach (McapAttachmentIndex index in reader.Attachments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Attachment(reader, index, writer);
        }

        return reader.Attachments.Count;
    }

    /// <summary>Piece by piece: an attachment may be larger than memory.</summary>
    public static void Attachment(McapIndexedReader reader, McapAttachmentIndex index, McapWriter writer)
    {
        using Stream data = reader.OpenAttachment(index);
        writer.WriteAttachment(
            index.Name, index.MediaType, index.LogTime, index.CreateTime, data, checked((long)index.DataSize));
    }
}
