using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Contracts;
using AvSdk.Recording;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk;

/// <summary>Typed channels of any <see cref="IRecorder"/>.</summary>
public static class RecorderExtensions
{
    private static readonly JsonSchemaExporterOptions SchemaOptions = new()
    {
        TreatNullObliviousAsNonNullable = true,
    };

    /// <summary>
    /// The channel of a topic whose messages are <typeparamref name="T"/>. Its schema is the message's own
    /// file and all that it imports, so that any MCAP tool can decode it.
    /// </summary>
    /// <param name="recorder">The recorder.</param>
    /// <param name="topic">For example <c>/imu</c>.</param>
    /// <param name="lane">The lane; null leaves the choice to the recorder's lane rules.</param>
    /// <exception cref="ArgumentException">The topic has another type, encoding or lane already.</exception>
    public static Channel<T> Channel<T>(this IRecorder recorder, string topic, string? lane = null)
        where T : class, IMessage<T>, new()
    {
        ArgumentNullException.ThrowIfNull(recorder);
        MessageDescriptor descriptor = new T().Descriptor;
        SchemaSpec schema = new(
            descriptor.FullName, ProtobufSchema.Encoding, ProtobufSchema.FileDescriptorSet(descriptor));
        return new Channel<T>(recorder.RawChannel(topic, ProtobufSchema.Encoding, schema, lane));
    }

    /// <summary>
    /// The channel of a topic whose messages are <typeparamref name="T"/> in JSON. Its schema is a JSON
    /// Schema made from the type's metadata.
    /// </summary>
    /// <param name="recorder">The recorder.</param>
    /// <param name="topic">For example <c>/planner/state</c>.</param>
    /// <param name="type">Source-generated metadata: <c>MyJsonContext.Default.PlannerState</c>.</param>
    /// <param name="lane">The lane; null leaves the choice to the recorder's lane rules.</param>
    /// <exception cref="ArgumentException">The topic has another type, encoding or lane already.</exception>
    public static JsonChannel<T> JsonChannel<T>(
        this IRecorder recorder, string topic, JsonTypeInfo<T> type, string? lane = null)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        ArgumentNullException.ThrowIfNull(type);
        JsonNode schema = type.GetJsonSchemaAsNode(SchemaOptions);
        byte[] data = System.Text.Encoding.UTF8.GetBytes(schema.ToJsonString(type.Options));
        SchemaSpec spec = new(typeof(T).FullName ?? typeof(T).Name, "jsonschema", data);
        return new JsonChannel<T>(recorder.RawChannel(topic, "json", spec, lane), type);
    }

    /// <summary>The channel of a topic whose payloads the caller encodes.</summary>
    /// <param name="recorder">The recorder.</param>
    /// <param name="topic">For example <c>/can/raw</c>.</param>
    /// <param name="messageEncoding">In the MCAP registry's words: <c>protobuf</c>, <c>json</c>, <c>cdr</c>,
    /// …</param>
    /// <param name="schema">The payloads' schema; null when the encoding needs none.</param>
    /// <param name="lane">The lane; null leaves the choice to the recorder's lane rules.</param>
    /// <exception cref="ArgumentException">The topic has another schema, encoding or lane
    /// already.</exception>
    public static RecordingChannel RawChannel(
        this IRecorder recorder, string topic, string messageEncoding, SchemaSpec? schema = null,
            string? lane = null)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(messageEncoding);
        return recorder.Channel(new ChannelSpec
        {
            Topic = topic,
            MessageEncoding = messageEncoding,
            Schema = schema,
            Lane = lane,
        });
    }
}
