using System.Buffers;
using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Conformance;

/// <summary>The suite's "indexed" run: definitions by id, messages in order of log time, statistics.</summary>
public static class IndexedRun
{
    /// <summary>The JSON for a file.</summary>
    public static ReadOnlyMemory<byte> Read(string path)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(path);
        ArrayBufferWriter<byte> output = new();
        using Utf8JsonWriter json = new(output);
        RecordJson record = new(json);
        json.WriteStartObject();
        json.WriteStartArray("schemas");
        foreach (McapSchema schema in reader.Schemas.Values.OrderBy(s => s.Id))
            record.Write(schema);
        json.WriteEndArray();
        json.WriteStartArray("channels");
        foreach (McapChannel channel in reader.Channels.Values.OrderBy(c => c.Id))
            record.Write(channel);
        json.WriteEndArray();
        json.WriteStartArray("messages");
        using (McapMessageCursor messages = reader.Read(new McapQuery()))
        {
            while (messages.MoveNext())
                record.Write(messages.Current);
        }

        json.WriteEndArray();
        json.WriteStartArray("statistics");
        if (reader.Statistics is McapStatistics statistics)
            record.Write(statistics);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
