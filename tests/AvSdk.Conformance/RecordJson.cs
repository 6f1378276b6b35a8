using System.Globalization;
using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Conformance;

/// <summary>
/// A record as the suite writes it: its type, and its fields in order of name, every number as text.
/// </summary>
internal readonly struct RecordJson(Utf8JsonWriter json)
{
    public void Begin(string type)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartArray("fields");
    }

    public void End()
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Text(string name, string value)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public void Number(string name, ulong value) => Text(name, value.ToString(CultureInfo.InvariantCulture));

    public void Bytes(string name, ReadOnlySpan<byte> value)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStartArray();
        foreach (byte b in value)
            json.WriteStringValue(b.ToString(CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteEndArray();
    }

    public void Map<TKey, TValue>(string name, IReadOnlyDictionary<TKey, TValue> value)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStartObject();
        foreach ((TKey key, TValue item) in value)
            json.WriteString(FormattableString.Invariant($"{key}"), FormattableString.Invariant($"{item}"));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public void Write(McapSchema schema)
    {
        Begin("Schema");
        Bytes("data", schema.Data.Span);
        Text("encoding", schema.Encoding);
        Number("id", schema.Id);
        Text("name", schema.Name);
        End();
    }

    public void Write(McapChannel channel)
    {
        Begin("Channel");
        Number("id", channel.Id);
        Text("message_encoding", channel.MessageEncoding);
        Map("metadata", channel.Metadata);
        Number("schema_id", channel.SchemaId);
        Text("topic", channel.Topic);
        End();
    }

    public void Write(McapMessageView message)
    {
        Begin("Message");
        Number("channel_id", message.ChannelId);
        Bytes("data", message.Data);
        Number("log_time", message.LogTime);
        Number("publish_time", message.PublishTime);
        Number("sequence", message.Sequence);
        End();
    }

    public void Write(McapStatistics statistics)
    {
        Begin("Statistics");
        Number("attachment_count", statistics.AttachmentCount);
        Number("channel_count", statistics.ChannelCount);
        Map("channel_message_counts", statistics.ChannelMessageCounts);
        Number("chunk_count", statistics.ChunkCount);
        Number("message_count", statistics.MessageCount);
        Number("message_end_time", statistics.MessageEndTime);
        Number("message_start_time", statistics.MessageStartTime);
        Number("metadata_count", statistics.MetadataCount);
        Number("schema_count", statistics.SchemaCount);
        End();
    }

    public void Write(McapAttachment attachment)
    {
        Begin("Attachment");
        Number("create_time", attachment.CreateTime);
        Bytes("data", attachment.Data.Span);
        Number("log_time", attachment.LogTime);
        Text("media_type", attachment.MediaType);
        Text("name", attachment.Name);
        End();
    }

    public void Write(McapMetadata metadata)
    {
        Begin("Metadata");
        Map("metadata", metadata.Values);
        Text("name", metadata.Name);
        End();
    }

    public void Write(McapChunkIndex index)
    {
        Begin("ChunkIndex");
        Number("chunk_length", index.ChunkLength);
        Number("chunk_start_offset", index.ChunkStartOffset);
        Number("compressed_size", index.CompressedSize);
        Text("compression", index.Compression);
        Number("message_end_time", index.MessageEndTime);
        Number("message_index_length", index.MessageIndexLength);
        Map("message_index_offsets", index.MessageIndexOffsets);
        Number("message_start_time", index.MessageStartTime);
        Number("uncompressed_size", index.UncompressedSize);
        End();
    }

    public void Write(McapAttachmentIndex index)
    {
        Begin("AttachmentIndex");
        Number("create_time", index.CreateTime);
        Number("data_size", index.DataSize);
        Number("length", index.Length);
        Number("log_time", index.LogTime);
        Text("media_type", index.MediaType);
        Text("name", index.Name);
        Number("offset", index.Offset);
        End();
    }

    public void Write(McapMetadataIndex index)
    {
        Begin("MetadataIndex");
        Number("length", index.Length);
        Text("name", index.Name);
        Number("offset", index.Offset);
        End();
    }
}
