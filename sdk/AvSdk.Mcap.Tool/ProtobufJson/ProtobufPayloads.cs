using System.Text.Json;
using Google.Protobuf.Reflection;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>Turns payloads of one protobuf type into JSON, by the schema that stands in the file.</summary>
internal sealed class ProtobufPayloads
{
    private readonly MessageDescriptor? _type;
    private readonly MessageJson? _json;
    private readonly string _problem = "";

    /// <param name="schema">Its name is the type, its data the FileDescriptorSet.</param>
    public ProtobufPayloads(McapSchema schema)
    {
        if (!SchemaTypes.TryBuild(schema.Data.Span, out SchemaTypes types, out _problem))
            return;
        _json = new MessageJson(types);
        _type = types.Find(schema.Name);
        if (_type is null)
            _problem = $"the schema does not have the type {schema.Name} that it is named after";
    }

    /// <summary>Fields so far that the schema does not have; they are left out.</summary>
    public long UnknownFields { get; private set; }

    /// <summary>
    /// Writes one value. False with the problem where the payload is not what the schema says; then the writer holds
    /// a part of it.
    /// </summary>
    public bool TryWrite(Utf8JsonWriter writer, ReadOnlySpan<byte> payload, out string problem)
    {
        problem = _problem;
        if (_type is null)
            return false;
        try
        {
            DynamicMessage message = DynamicMessage.Parse(payload, _type);
            UnknownFields += message.UnknownFields;
            _json!.Write(writer, message);
            return true;
        }
        catch (WireException e)
        {
            problem = e.Message;
            return false;
        }
    }
}
