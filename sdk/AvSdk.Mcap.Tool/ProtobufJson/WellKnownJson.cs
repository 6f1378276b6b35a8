using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>The types of google.protobuf that JSON has forms of their own for.</summary>
internal static class WellKnownJson
{
    private const string Package = "google.protobuf.";
    private const long SecondsOfYear1 = -62135596800;
    private const long SecondsOfYear9999 = 253402300799;
    private const long DurationSecondsMax = 315576000000;
    private const int NanosecondsMax = 999_999_999;

    /// <summary>False: it is a message like any other.</summary>
    public static bool TryWrite(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        string name = message.Descriptor.FullName;
        if (!name.StartsWith(Package, StringComparison.Ordinal))
            return false;
        switch (name[Package.Length..])
        {
            case "Timestamp":
                writer.WriteStringValue(Timestamp(message));
                return true;
            case "Duration":
                writer.WriteStringValue(Duration(message));
                return true;
            case "FieldMask":
                writer.WriteStringValue(FieldMask(message));
                return true;
            case "Any":
                WriteAny(json, writer, message);
                return true;
            case "Struct":
                WriteStruct(json, writer, message);
                return true;
            case "ListValue":
                WriteList(json, writer, message);
                return true;
            case "Value":
                WriteJsonValue(json, writer, message);
                return true;
            case "DoubleValue" or "FloatValue" or "Int64Value" or "UInt64Value" or "Int32Value" or "UInt32Value"
                or "BoolValue" or "StringValue" or "BytesValue":
                WriteWrapped(json, writer, message);
                return true;
            default:
                return false;
        }
    }

    private static string Timestamp(DynamicMessage message)
    {
        (long seconds, int nanoseconds) = Parts(message);
        if (seconds is < SecondsOfYear1 or > SecondsOfYear9999 || nanoseconds is < 0 or > NanosecondsMax)
            throw OutOfRange(message, seconds, nanoseconds);
        string whole = DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return whole + Fraction(nanoseconds) + "Z";
    }

    private static string Duration(DynamicMessage message)
    {
        (long seconds, int nanoseconds) = Parts(message);
        if (seconds is < -DurationSecondsMax or > DurationSecondsMax || nanoseconds is < -NanosecondsMax or > NanosecondsMax
            || Math.Sign(seconds) * Math.Sign(nanoseconds) < 0)
        {
            throw OutOfRange(message, seconds, nanoseconds);
        }

        string sign = seconds < 0 || nanoseconds < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(seconds)}{Fraction(Math.Abs(nanoseconds))}s");
    }

    private static (long Seconds, int Nanoseconds) Parts(DynamicMessage message) =>
        (message.Value(1) as long? ?? 0, message.Value(2) as int? ?? 0);

    private static WireException OutOfRange(DynamicMessage message, long seconds, int nanoseconds) => new(
        0, $"a {message.Descriptor.Name} within its range", $"{seconds} s and {nanoseconds} ns");

    // None, or in thousands: three, six or nine digits.
    private static string Fraction(int nanoseconds) => nanoseconds switch
    {
        0 => "",
        _ when nanoseconds % 1_000_000 == 0 => "." + (nanoseconds / 1_000_000).ToString("000", CultureInfo.InvariantCulture),
        _ when nanoseconds % 1_000 == 0 => "." + (nanoseconds / 1_000).ToString("000000", CultureInfo.InvariantCulture),
        _ => "." + nanoseconds.ToString("000000000", CultureInfo.InvariantCulture),
    };

    private static string FieldMask(DynamicMessage message) =>
        string.Join(',', (message.Value(1) as List<object> ?? []).Select(path => CamelCase((string)path)));

    private static string CamelCase(string path)
    {
        StringBuilder text = new();
        for (int i = 0; i < path.Length; i++)
        {
            bool joins = path[i] == '_' && i + 1 < path.Length;
            text.Append(joins ? char.ToUpperInvariant(path[++i]) : path[i]);
        }

        return text.ToString();
    }

    // Without the type at hand its bytes are given, for that is all that is known.
    private static void WriteAny(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        string url = message.Value(1) as string ?? "";
        byte[] content = message.Value(2) as byte[] ?? [];
        writer.WriteStartObject();
        if (url.Length > 0)
            writer.WriteString("@type", url);
        if (json.Find(url[(url.LastIndexOf('/') + 1)..]) is not MessageDescriptor type)
        {
            if (content.Length > 0)
                writer.WriteBase64String("value", content);
        }
        else
        {
            DynamicMessage inner = DynamicMessage.Parse(content, type, message.Depth + 1);
            if (type.FullName.StartsWith(Package, StringComparison.Ordinal))
            {
                writer.WritePropertyName("value");
                json.Write(writer, inner);
            }
            else
            {
                json.WriteFields(writer, inner);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteStruct(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        writer.WriteStartObject();
        if (message.Value(1) is OrderedDictionary<object, object> fields)
        {
            foreach ((object key, object value) in fields)
            {
                writer.WritePropertyName((string)key);
                json.Write(writer, (DynamicMessage)value);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteList(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        writer.WriteStartArray();
        foreach (object value in message.Value(1) as List<object> ?? [])
            json.Write(writer, (DynamicMessage)value);
        writer.WriteEndArray();
    }

    private static void WriteJsonValue(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        (FieldDescriptor Field, object Value) kind = message.Fields.FirstOrDefault();
        if (kind.Field is null)
            writer.WriteNullValue();
        else
            json.WriteValue(writer, kind.Field, kind.Value);
    }

    private static void WriteWrapped(MessageJson json, Utf8JsonWriter writer, DynamicMessage message)
    {
        FieldDescriptor field = message.Descriptor.FindFieldByNumber(1);
        object value = message.Value(1) ?? DynamicMessage.DefaultOf(field);
        json.WriteValue(writer, field, value);
    }
}
