using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>
/// A message read by its descriptor alone. Values by field number: of a singular field the value, of a repeated
/// one a <c>List&lt;object&gt;</c>, of a map an <c>OrderedDictionary&lt;object, object&gt;</c>; an enum is an
/// <c>int</c>, a message a <see cref="DynamicMessage"/>. As generated code reads: the last value of a field
/// wins, messages are merged, packed or not is all the same.
/// </summary>
internal sealed class DynamicMessage(MessageDescriptor descriptor, int depth = 0)
{
    /// <summary>How deep messages may be nested: protobuf's own limit.</summary>
    public const int DepthMax = 100;

    private readonly SortedDictionary<int, object> _values = [];

    public MessageDescriptor Descriptor { get; } = descriptor;

    /// <summary>In how many messages it stands.</summary>
    public int Depth { get; } = depth;

    /// <summary>Fields set, in order of their numbers.</summary>
    public IEnumerable<(FieldDescriptor Field, object Value)> Fields =>
        _values.Select(pair => (Descriptor.FindFieldByNumber(pair.Key), pair.Value));

    /// <summary>Fields that the schema does not have, those of nested messages included; they are left out.</summary>
    public int UnknownFields { get; private set; }

    /// <exception cref="WireException">The bytes are not a message of this type.</exception>
    public static DynamicMessage Parse(ReadOnlySpan<byte> payload, MessageDescriptor descriptor, int depth = 0)
    {
        DynamicMessage message = new(descriptor, depth);
        WireReader reader = new(payload, 0);
        reader.ThrowIfTooDeep(depth);
        message.Merge(ref reader, null);
        return message;
    }

    /// <summary>The value of a field; null when it was not set.</summary>
    public object? Value(int fieldNumber) => _values.GetValueOrDefault(fieldNumber);

    private void Merge(ref WireReader reader, int? group)
    {
        while (group is not null || !reader.IsAtEnd)
        {
            int offset = reader.Offset;
            (int number, WireFormat.WireType type) = reader.ReadTag();
            if (type == WireFormat.WireType.EndGroup)
            {
                if (number == group)
                    return;
                throw new WireException(offset, "a field", $"the end of a group {number} that is not open");
            }

            FieldDescriptor? field = Descriptor.FindFieldByNumber(number);
            if (field is null || !TryTake(field, type, ref reader))
            {
                reader.Skip(number, type, Depth);
                UnknownFields++;
            }
        }
    }

    // False: the wire type is not the field's, which makes it an unknown field.
    private bool TryTake(FieldDescriptor field, WireFormat.WireType type, ref WireReader reader)
    {
        WireFormat.WireType own = WireTypeOf(field.FieldType);
        if (field.IsRepeated && type == WireFormat.WireType.LengthDelimited && type != own
            && own != WireFormat.WireType.StartGroup)
        {
            List<object> list = ListOf(field);
            ReadOnlySpan<byte> content = reader.ReadBytes();
            WireReader packed = new(content, reader.Offset - content.Length);
            while (!packed.IsAtEnd)
                list.Add(ReadValue(field, ref packed, null));
            return true;
        }

        if (type != own)
            return false;
        if (field.IsMap)
        {
            AddEntry(field, (DynamicMessage)ReadValue(field, ref reader, null));
        }
        else if (field.IsRepeated)
        {
            ListOf(field).Add(ReadValue(field, ref reader, null));
        }
        else
        {
            object value = ReadValue(field, ref reader, _values.GetValueOrDefault(field.FieldNumber));
            ClearOthersOf(field);
            _values[field.FieldNumber] = value;
        }

        return true;
    }

    private object ReadValue(FieldDescriptor field, ref WireReader reader, object? known)
    {
        switch (field.FieldType)
        {
            case FieldType.Double:
                return BitConverter.UInt64BitsToDouble(reader.ReadFixed64());
            case FieldType.Float:
                return BitConverter.UInt32BitsToSingle(reader.ReadFixed32());
            case FieldType.Int64:
                return (long)reader.ReadVarint();
            case FieldType.UInt64:
                return reader.ReadVarint();
            case FieldType.Int32 or FieldType.Enum:
                return (int)reader.ReadVarint();
            case FieldType.Fixed64:
                return reader.ReadFixed64();
            case FieldType.Fixed32:
                return reader.ReadFixed32();
            case FieldType.Bool:
                return reader.ReadVarint() != 0;
            case FieldType.UInt32:
                return (uint)reader.ReadVarint();
            case FieldType.SFixed32:
                return (int)reader.ReadFixed32();
            case FieldType.SFixed64:
                return (long)reader.ReadFixed64();
            case FieldType.SInt32:
                uint zigzag = (uint)reader.ReadVarint();
                return (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            case FieldType.SInt64:
                ulong zigzag64 = reader.ReadVarint();
                return (long)(zigzag64 >> 1) ^ -(long)(zigzag64 & 1);
            case FieldType.String:
                return ReadText(ref reader);
            case FieldType.Bytes:
                return reader.ReadBytes().ToArray();
            default:
                return ReadMessage(field, ref reader, known as DynamicMessage);
        }
    }

    private static string ReadText(ref WireReader reader)
    {
        ReadOnlySpan<byte> text = reader.ReadBytes();
        return Utf8.IsValid(text)
            ? Encoding.UTF8.GetString(text)
            : throw new WireException(reader.Offset - text.Length, "text in UTF-8", "other bytes");
    }

    private DynamicMessage ReadMessage(FieldDescriptor field, ref WireReader reader, DynamicMessage? known)
    {
        reader.ThrowIfTooDeep(Depth + 1);
        DynamicMessage message = known ?? new DynamicMessage(field.MessageType, Depth + 1);
        int unknownBefore = message.UnknownFields;
        if (field.FieldType == FieldType.Group)
        {
            message.Merge(ref reader, field.FieldNumber);
        }
        else
        {
            ReadOnlySpan<byte> content = reader.ReadBytes();
            WireReader inner = new(content, reader.Offset - content.Length);
            message.Merge(ref inner, null);
        }

        UnknownFields += message.UnknownFields - unknownBefore;
        return message;
    }

    private void AddEntry(FieldDescriptor field, DynamicMessage entry)
    {
        if (!_values.TryGetValue(field.FieldNumber, out object? map))
            _values.Add(field.FieldNumber, map = new OrderedDictionary<object, object>());
        object key = entry.Value(1) ?? DefaultOf(field.MessageType.FindFieldByNumber(1));
        ((OrderedDictionary<object, object>)map)[key] =
            entry.Value(2) ?? DefaultOf(field.MessageType.FindFieldByNumber(2));
    }

    private void ClearOthersOf(FieldDescriptor field)
    {
        if (field.RealContainingOneof is not OneofDescriptor oneof)
            return;
        foreach (FieldDescriptor other in oneof.Fields)
        {
            if (other.FieldNumber != field.FieldNumber)
                _values.Remove(other.FieldNumber);
        }
    }

    private List<object> ListOf(FieldDescriptor field)
    {
        if (!_values.TryGetValue(field.FieldNumber, out object? list))
            _values.Add(field.FieldNumber, list = new List<object>());
        return (List<object>)list;
    }

    /// <summary>The value of a field that was not set.</summary>
    public static object DefaultOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Double => 0d,
        FieldType.Float => 0f,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 0L,
        FieldType.UInt64 or FieldType.Fixed64 => 0UL,
        FieldType.UInt32 or FieldType.Fixed32 => 0u,
        FieldType.Bool => false,
        FieldType.String => "",
        FieldType.Bytes => Array.Empty<byte>(),
        FieldType.Enum => field.EnumType.Values[0].Number,
        FieldType.Message or FieldType.Group => new DynamicMessage(field.MessageType),
        _ => 0,
    };

    private static WireFormat.WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        FieldType.Group => WireFormat.WireType.StartGroup,
        _ => WireFormat.WireType.Varint,
    };
}
