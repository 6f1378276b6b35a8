using System.Globalization;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>
/// Writes messages as JSON (protobuf.dev, "ProtoJSON Format"): names in camelCase, fields that are not set left out,
/// 64-bit numbers as strings, bytes in base64, enums by name, the well-known types in their own forms.
/// </summary>
/// <param name="types">Where the types of <c>Any</c> are looked for.</param>
internal sealed class MessageJson(SchemaTypes types)
{
    /// <summary>The type of this full name; null when the schema does not have it.</summary>
    public MessageDescriptor? Find(string fullName) => types.Find(fullName);

    /// <exception cref="WireException">A well-known type is out of its range.</exception>
    public void Write(Utf8JsonWriter writer, DynamicMessage message)
    {
        if (WellKnownJson.TryWrite(this, writer, message))
            return;
        writer.WriteStartObject();
        WriteFields(writer, message);
        writer.WriteEndObject();
    }

    public void WriteFields(Utf8JsonWriter writer, DynamicMessage message)
    {
        foreach ((FieldDescriptor field, object value) in message.Fields)
        {
            if (field.HasPresence || !IsDefault(value))
            {
                writer.WritePropertyName(field.JsonName);
                WriteField(writer, field, value);
            }
        }
    }

    public void WriteValue(Utf8JsonWriter writer, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case DynamicMessage message:
                Write(writer, message);
                break;
            case int number when field.FieldType == FieldType.Enum:
                WriteEnum(writer, field.EnumType, number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case uint number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case float number:
                WriteFloat(writer, number);
                break;
            case double number:
                WriteDouble(writer, number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            default:
                writer.WriteStringValue((string)value);
                break;
        }
    }

    private static void WriteDouble(Utf8JsonWriter writer, double number)
    {
        if (double.IsFinite(number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(Infinite(number));
    }

    private static void WriteFloat(Utf8JsonWriter writer, float number)
    {
        if (float.IsFinite(number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(Infinite(number));
    }

    private static string Infinite(double number) =>
        double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private void WriteField(Utf8JsonWriter writer, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case OrderedDictionary<object, object> map:
                FieldDescriptor valueField = field.MessageType.FindFieldByNumber(2);
                writer.WriteStartObject();
                foreach ((object key, object each) in map)
                {
                    writer.WritePropertyName(KeyText(key));
                    WriteValue(writer, valueField, each);
                }

                writer.WriteEndObject();
                break;
            case List<object> list:
                writer.WriteStartArray();
                foreach (object each in list)
                    WriteValue(writer, field, each);
                writer.WriteEndArray();
                break;
            default:
                WriteValue(writer, field, value);
                break;
        }
    }

    private static void WriteEnum(Utf8JsonWriter writer, EnumDescriptor type, int number)
    {
        if (type.FullName == "google.protobuf.NullValue")
            writer.WriteNullValue();
        else if (type.FindValueByNumber(number) is EnumValueDescriptor known)
            writer.WriteStringValue(known.Name);
        else
            writer.WriteNumberValue(number);
    }

    private static string KeyText(object key) => key is bool flag
        ? flag ? "true" : "false"
        : Convert.ToString(key, CultureInfo.InvariantCulture)!;

    private static bool IsDefault(object value) => value switch
    {
        int number => number == 0,
        uint number => number == 0,
        long number => number == 0,
        ulong number => number == 0,
        float number => number == 0,
        double number => number == 0,
        bool flag => !flag,
        string text => text.Length == 0,
        byte[] bytes => bytes.Length == 0,
        List<object> list => list.Count == 0,
        _ => false,
    };
}
