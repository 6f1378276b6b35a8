using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Tests.McapTool.ProtobufJson;

/// <summary>
/// Bytes of a random message: fields in any order, singular ones several times, repeated ones packed and not,
/// numbers of every size.
/// </summary>
internal static class RandomWire
{
    private const int DepthMax = 3;
    private static readonly string[] s_texts = ["", "a", "Größe", "\u0000\u001f\"\\/", "日本語", "😀", "<&>", "snake_case_path"];
    private static readonly double[] s_doubles =
        [0, -0.0, 1, -1.5, 1e300, 5e-324, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.1, 1e16, 123456789.125];

    private static readonly long[] s_longs = [0, 1, -1, 127, 128, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 53];

    public static byte[] Of(MessageDescriptor type, Random random, int depth = 0)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream output = new(bytes, leaveOpen: true))
            Write(output, type, random, depth);
        return bytes.ToArray();
    }

    private static void Write(CodedOutputStream output, MessageDescriptor type, Random random, int depth)
    {
        switch (type.FullName)
        {
            case "google.protobuf.Timestamp":
                WriteTime(output, random.NextInt64(-62135596800, 253402300800), Nanoseconds(random));
                return;
            case "google.protobuf.Duration":
                long seconds = random.NextInt64(-315576000000, 315576000001) * random.Next(2);
                int nanoseconds = Nanoseconds(random);
                bool isNegative = seconds == 0 ? random.Next(2) == 0 : seconds < 0;
                WriteTime(output, seconds, isNegative ? -nanoseconds : nanoseconds);
                return;
            case "google.protobuf.Any":
                WriteAny(output, random, depth);
                return;
            case "google.protobuf.FieldMask":
                foreach (string path in new[] { "a_path", "another.long_path" })
                    Text(output, 1, path);
                return;
            case "google.protobuf.Struct.FieldsEntry":
                // Its JSON has no form for an entry without key or value.
                Text(output, 1, "key " + random.Next(3));
                output.WriteTag(2, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(Of(type.FindFieldByNumber(2).MessageType, random, depth + 1)));
                return;
            case "google.protobuf.Value":
                WriteValueKind(output, type, random, depth);
                return;
        }

        if (type.File.Name == "google/protobuf/wrappers.proto")
        {
            WriteBox(output, type.FindFieldByNumber(1), random);
            return;
        }

        FieldDescriptor[] fields = [.. type.Fields.InDeclarationOrder()];
        HashSet<FieldDescriptor> once = [];
        int count = fields.Length == 0 ? 0 : random.Next(fields.Length * 2);
        for (int i = 0; i < count; i++)
        {
            FieldDescriptor field = fields[random.Next(fields.Length)];
            bool isNested = field.FieldType == FieldType.Message;
            if (isNested && depth >= DepthMax)
                continue;
            // Generated C# does not merge a second value within one entry of a map with the first.
            if (type.GetOptions()?.MapEntry == true && !once.Add(field))
                continue;
            if (field.IsRepeated && field.FieldType is not (FieldType.String or FieldType.Bytes or FieldType.Message)
                && random.Next(2) == 0)
            {
                WritePacked(output, field, random);
                continue;
            }

            output.WriteTag(field.FieldNumber, WireTypeOf(field.FieldType));
            WriteContent(output, field, random, depth);
        }
    }

    private static void WriteContent(CodedOutputStream output, FieldDescriptor field, Random random, int depth)
    {
        long number = s_longs[random.Next(s_longs.Length)];
        switch (field.FieldType)
        {
            case FieldType.Double:
                // In google.protobuf.Value only a finite number has a form.
                double value = s_doubles[random.Next(s_doubles.Length)];
                output.WriteDouble(field.ContainingType.FullName.EndsWith(".Value", StringComparison.Ordinal) && !double.IsFinite(value) ? 1 : value);
                break;
            case FieldType.Float:
                output.WriteFloat((float)s_doubles[random.Next(s_doubles.Length)]);
                break;
            case FieldType.Fixed32 or FieldType.SFixed32:
                output.WriteFixed32((uint)number);
                break;
            case FieldType.Fixed64 or FieldType.SFixed64:
                output.WriteFixed64((ulong)number);
                break;
            case FieldType.SInt32:
                output.WriteSInt32((int)number);
                break;
            case FieldType.SInt64:
                output.WriteSInt64(number);
                break;
            case FieldType.Bool:
                output.WriteBool(random.Next(2) == 0);
                break;
            case FieldType.Enum:
                output.WriteEnum(random.Next(4) == 0 ? 77
                    : field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number);
                break;
            case FieldType.Int32:
                output.WriteInt32((int)number);
                break;
            case FieldType.UInt32:
                output.WriteUInt32((uint)number);
                break;
            case FieldType.String:
                output.WriteString(s_texts[random.Next(s_texts.Length)]);
                break;
            case FieldType.Bytes:
                byte[] bytes = new byte[random.Next(5)];
                random.NextBytes(bytes);
                output.WriteBytes(ByteString.CopyFrom(bytes));
                break;
            case FieldType.Message:
                output.WriteBytes(ByteString.CopyFrom(Of(field.MessageType, random, depth + 1)));
                break;
            default:
                output.WriteUInt64((ulong)number);
                break;
        }
    }

    private static void WritePacked(CodedOutputStream output, FieldDescriptor field, Random random)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream packed = new(bytes, leaveOpen: true))
        {
            for (int i = random.Next(4); i > 0; i--)
                WriteContent(packed, field, random, 0);
        }

        output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }

    private static void WriteTime(CodedOutputStream output, long seconds, int nanoseconds)
    {
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt64(seconds);
        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt32(nanoseconds);
    }

    // Never the default: in generated C# a second box with the default in it does not replace the first.
    private static void WriteBox(CodedOutputStream output, FieldDescriptor field, Random random)
    {
        WireFormat.WireType type = WireTypeOf(field.FieldType);
        output.WriteTag(1, type);
        switch (type)
        {
            case WireFormat.WireType.Fixed64:
                output.WriteDouble(random.Next(1, 9));
                break;
            case WireFormat.WireType.Fixed32:
                output.WriteFloat(random.Next(1, 9));
                break;
            case WireFormat.WireType.LengthDelimited:
                output.WriteString($"box {random.Next(9)}");
                break;
            default:
                output.WriteUInt32(1);
                break;
        }
    }

    private static void WriteAny(CodedOutputStream output, Random random, int depth)
    {
        MessageDescriptor type = random.Next(2) == 0
            ? Everything.Types.Inner.Descriptor : Google.Protobuf.WellKnownTypes.Timestamp.Descriptor;
        Text(output, 1, "type.googleapis.com/" + type.FullName);
        output.WriteTag(2, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Of(type, random, depth + 1)));
    }

    private static void WriteValueKind(CodedOutputStream output, MessageDescriptor type, Random random, int depth)
    {
        FieldDescriptor kind = type.Fields.InDeclarationOrder()[random.Next(depth >= DepthMax ? 4 : 6)];
        output.WriteTag(kind.FieldNumber, WireTypeOf(kind.FieldType));
        if (kind.FieldType == FieldType.Enum)
            output.WriteEnum(0);
        else
            WriteContent(output, kind, random, depth);
    }

    private static void Text(CodedOutputStream output, int fieldNumber, string text)
    {
        output.WriteTag(fieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static int Nanoseconds(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => random.Next(1000) * 1_000_000,
        2 => random.Next(1_000_000) * 1_000,
        _ => random.Next(1_000_000_000),
    };

    private static WireFormat.WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        _ => WireFormat.WireType.Varint,
    };
}
