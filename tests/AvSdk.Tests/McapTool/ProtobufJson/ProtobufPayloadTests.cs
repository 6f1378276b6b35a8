using System.Buffers;
using System.Text;
using System.Text.Json;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Mcap.Tool.ProtobufJson;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Tests.McapTool.ProtobufJson;

/// <summary>Payloads by their schema alone, against the JSON of the generated code.</summary>
public sealed class ProtobufPayloadTests
{
    private static readonly JsonFormatter s_formatter = new(new JsonFormatter.Settings(
        false, TypeRegistry.FromMessages(
            Everything.Types.Inner.Descriptor, Google.Protobuf.WellKnownTypes.Timestamp.Descriptor)));

    private static readonly Dictionary<string, MessageDescriptor> s_types = new[] { typeof(CanFrame), typeof(Everything) }
        .SelectMany(type => type.Assembly.GetTypes())
        .Where(type => typeof(IMessage).IsAssignableFrom(type) && type is { IsInterface: false, IsAbstract: false })
        .Select(type => ((IMessage)Activator.CreateInstance(type)!).Descriptor)
        .ToDictionary(type => type.FullName);

    public static TheoryData<string> Types => [.. s_types.Keys.Order()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_messages_print_as_generated_code_prints_them(string name)
    {
        MessageDescriptor type = s_types[name];
        ProtobufPayloads payloads = new(SchemaOf(type));
        for (int seed = 0; seed < (name == "av.test.Everything" ? 3000 : 50); seed++)
        {
            byte[] wire = RandomWire.Of(type, new Random(seed));
            string expected = s_formatter.Format(type.Parser.ParseFrom(wire));
            AssertSame(expected, Json(payloads, wire), $"{name}, seed {seed}");
        }

        Assert.Equal(0, payloads.UnknownFields);
    }

    [Fact]
    public void A_box_with_a_default_in_it_is_printed_and_replaces_an_earlier_one()
    {
        ProtobufPayloads payloads = new(SchemaOf(Everything.Descriptor));
        // Field 80, StringValue: first "x", then a box with "" in it.
        Assert.Equal("""{"boxedText":"x"}""", Json(payloads, [0x82, 5, 3, 0x0a, 1, (byte)'x']));
        Assert.Equal("""{"boxedText":""}""", Json(payloads, [0x82, 5, 3, 0x0a, 1, (byte)'x', 0x82, 5, 2, 0x0a, 0]));
        Assert.Equal("""{"boxedText":""}""", Json(payloads, [0x82, 5, 0]));
    }

    [Fact]
    public void Fields_that_the_schema_does_not_have_are_left_out_and_counted()
    {
        ProtobufPayloads payloads = new(SchemaOf(Google.Protobuf.WellKnownTypes.StringValue.Descriptor));
        byte[] wire = RandomWire.Of(Everything.Descriptor, new Random(4));
        ProtobufPayloads inner = new(SchemaOf(Everything.Types.Inner.Descriptor));
        // 1: "x"; 5: fixed32; 6: a group with a varint in it; 7: a message.
        byte[] payload = [0x0a, 1, (byte)'x', 0x2d, 1, 2, 3, 4, 0x33, 0x08, 1, 0x34, 0x3a, 1, 0];
        Assert.Equal("\"x\"", Json(payloads, payload));
        Assert.Equal(3, payloads.UnknownFields);
        Assert.NotEmpty(wire);
        Assert.Equal("""{"value":7}""", Json(inner, [0x08, 7, 0x0d, 1, 2, 3, 4]));
        Assert.Equal(1, inner.UnknownFields);
    }

    [Theory]
    [InlineData("0A05")]
    [InlineData("0AFFFFFFFF07")]
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]
    [InlineData("08")]
    [InlineData("088080808080808080808080")]
    [InlineData("00")]
    [InlineData("0F00")]
    [InlineData("0901")]
    [InlineData("0C")]
    [InlineData("1B08")]
    [InlineData("7202C328")]
    [InlineData("BA0408FFFFFFFFFFFFFFFF7F")]
    public void Bad_bytes_are_a_problem_and_not_an_exception(string hex)
    {
        ProtobufPayloads payloads = new(SchemaOf(Everything.Descriptor));
        using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>());
        Assert.False(payloads.TryWrite(writer, Convert.FromHexString(hex), out string problem));
        Assert.Contains("expected", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_and_flipped_bit_is_read_or_refused()
    {
        ProtobufPayloads payloads = new(SchemaOf(Everything.Descriptor));
        ArrayBufferWriter<byte> buffer = new();
        for (int seed = 0; seed < 30; seed++)
        {
            byte[] wire = RandomWire.Of(Everything.Descriptor, new Random(seed));
            for (int at = 0; at < wire.Length; at++)
            {
                buffer.ResetWrittenCount();
                using Utf8JsonWriter writer = new(buffer);
                payloads.TryWrite(writer, wire.AsSpan(0, at), out _);
                byte was = wire[at];
                wire[at] ^= (byte)(1 << (at % 8));
                writer.Reset();
                payloads.TryWrite(writer, wire, out _);
                wire[at] = was;
            }
        }
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(200_000, false)]
    public void Messages_are_nested_a_hundred_deep_and_no_deeper(int depth, bool isGood)
    {
        // Everything.inner.back.inner.back…
        byte[] wire = [];
        for (int i = Math.Min(depth, 400) - 1; i >= 0; i--)
        {
            using MemoryStream next = new();
            using (CodedOutputStream output = new(next, leaveOpen: true))
            {
                output.WriteTag(i % 2 == 0 ? 17 : 2, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(wire));
            }

            wire = next.ToArray();
        }

        // Groups that nobody knows need no lengths, so they nest cheapest of all.
        if (depth > 400)
            wire = [.. Enumerable.Repeat(new byte[] { 0xbb, 0x7d }, depth).SelectMany(tag => tag)];
        using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>());
        Assert.Equal(isGood, new ProtobufPayloads(SchemaOf(Everything.Descriptor)).TryWrite(writer, wire, out string problem));
        Assert.Equal(isGood, !problem.Contains("deep", StringComparison.Ordinal));
    }

    [Fact]
    public void An_any_within_an_any_is_no_deeper_than_other_messages()
    {
        string url = "type.googleapis.com/google.protobuf.Any";
        byte[] wire = [];
        for (int i = 0; i < 150; i++)
        {
            using MemoryStream next = new();
            using (CodedOutputStream output = new(next, leaveOpen: true))
            {
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteString(url);
                output.WriteTag(2, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(wire));
            }

            wire = next.ToArray();
        }

        ProtobufPayloads payloads = new(SchemaOf(Google.Protobuf.WellKnownTypes.Any.Descriptor));
        using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>());
        Assert.False(payloads.TryWrite(writer, wire, out string problem));
        Assert.Contains("deep", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_is_read_with_its_files_in_any_order_and_without_those_of_google()
    {
        FileDescriptorSet set = FileDescriptorSet.Parser.ParseFrom(
            ProtobufSchema.FileDescriptorSet(AvSdk.Contracts.Foxglove.CompressedImage.Descriptor).Span);
        FileDescriptorSet changed = new();
        changed.File.AddRange(set.File.Where(file => !file.Name.StartsWith("google/", StringComparison.Ordinal)).Reverse());
        Assert.NotEqual(set.File.Count, changed.File.Count);
        ProtobufPayloads payloads = new(new McapSchema(1, "foxglove.CompressedImage", "protobuf", changed.ToByteArray()));
        Assert.Equal("""{"frameId":"f"}""", Json(payloads, new AvSdk.Contracts.Foxglove.CompressedImage { FrameId = "f" }.ToByteArray()));
    }

    [Theory]
    [InlineData("av.test.Other", "does not have the type")]
    [InlineData("av.test.Everything", "FileDescriptorSet")]
    public void A_schema_that_is_none_is_a_problem_of_every_message(string name, string expected)
    {
        ReadOnlyMemory<byte> data = ProtobufSchema.FileDescriptorSet(Everything.Descriptor);
        if (name == "av.test.Everything")
            data = data[..^7];
        ProtobufPayloads payloads = new(new McapSchema(1, name, "protobuf", data));
        using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>());
        Assert.False(payloads.TryWrite(writer, [], out string problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_with_any_bit_flipped_is_read_or_refused()
    {
        byte[] data = ProtobufSchema.FileDescriptorSet(Everything.Descriptor).ToArray();
        for (int at = 0; at < data.Length; at++)
        {
            data[at] ^= (byte)(1 << (at % 8));
            ProtobufPayloads payloads = new(new McapSchema(1, "av.test.Everything", "protobuf", data));
            using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>());
            payloads.TryWrite(writer, [], out _);
            data[at] ^= (byte)(1 << (at % 8));
        }
    }

    private static McapSchema SchemaOf(MessageDescriptor type) =>
        new(1, type.FullName, "protobuf", ProtobufSchema.FileDescriptorSet(type));

    private static string Json(ProtobufPayloads payloads, byte[] payload)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        Assert.True(payloads.TryWrite(writer, payload, out string problem), problem);
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void AssertSame(string expected, string actual, string which)
    {
        using JsonDocument left = JsonDocument.Parse(expected);
        using JsonDocument right = JsonDocument.Parse(actual);
        Assert.Empty(Differences(left.RootElement, right.RootElement, which));
    }

    private static IEnumerable<string> Differences(JsonElement left, JsonElement right, string path)
    {
        if (JsonElement.DeepEquals(left, right))
            return [];
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            return left.EnumerateObject().Select(each => each.Name).Union(right.EnumerateObject().Select(each => each.Name))
                .SelectMany(name => Differences(Property(left, name), Property(right, name), $"{path}.{name}"));
        }

        return [$"{path}: {Text(left)} and {Text(right)}"];
    }

    private static JsonElement Property(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.Undefined ? "nothing" : element.GetRawText();
}
