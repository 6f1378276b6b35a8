using System.Text.Json;
using System.Text.Json.Serialization;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

public sealed partial class TypedReadingTests
{
    [Fact]
    public async Task Messages_are_decoded_as_they_are_enumerated_with_all_that_goes_with_them()
    {
        byte[] file = Write("""{"speed":1.5}""", """{"speed":2}""", "null");
        using McapIndexedReader reader = McapIndexedReader.Open(new CopyingSource(file));
        McapDecoder<Speed?> json = McapJson.Decoder(Types.Default.Speed);
        McapMessage<Speed?>[] expected =
        [
            new(10, 110, 0, reader.Channels[1], new Speed(1.5)),
            new(20, 120, 1, reader.Channels[1], new Speed(2)),
            new(30, 130, 2, reader.Channels[1], null),
        ];
        IEnumerable<McapMessage<Speed?>> messages = reader.Read(McapQuery.All, json);
        Assert.Equal(expected, messages);
        Assert.Equal(expected, messages);
        List<McapMessage<Speed?>> got = [];
        await foreach (McapMessage<Speed?> message in reader.ReadAsync(McapQuery.All, json)
            .WithCancellation(TestContext.Current.CancellationToken))
            got.Add(message);
        Assert.Equal(expected, got);
        Assert.Equal([4, 11, 13], [.. reader.Read(
            McapQuery.All with { Order = McapOrder.ReverseLogTime }, m => m.Data.Length).Select(m => m.Value)]);
    }

    [Fact]
    public void A_payload_that_is_not_json_names_its_message_and_the_ones_before_it_are_given()
    {
        byte[] file = Write("""{"speed":1.5}""", """{"speed":""");
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        using IEnumerator<McapMessage<Speed?>> messages =
            reader.Read(McapQuery.All, McapJson.Decoder(Types.Default.Speed)).GetEnumerator();
        Assert.True(messages.MoveNext());
        McapException thrown = Assert.Throws<McapException>(() => messages.MoveNext());
        Assert.Contains("log time 20 and sequence 1", thrown.Message, StringComparison.Ordinal);
        Assert.IsType<JsonException>(thrown.InnerException, exactMatch: false);
    }

    [Fact]
    public void What_a_decoder_throws_comes_out_as_it_is_and_the_memory_is_given_back()
    {
        CountingPool pool = new();
        using McapIndexedReader reader = McapIndexedReader.Open(
            new CopyingSource(Write("{}")), new McapReadOptions { Pool = pool });
        Assert.Throws<InvalidTimeZoneException>(
            () => reader.Read<int>(McapQuery.All, _ => throw new InvalidTimeZoneException()).ToList());
        Assert.Equal(0, pool.Rented);
        Assert.Throws<ArgumentException>(() => reader.Read(new McapQuery { From = 2, To = 1 }, m => m.Sequence));
    }

    private static byte[] Write(params string[] payloads)
    {
        using MemoryStream stream = new();
        using (McapWriter writer = new(stream, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/speed", "json");
            for (uint i = 0; i < payloads.Length; i++)
            {
                writer.WriteMessage(channel, i, (i + 1) * 10, 100 + ((i + 1) * 10),
                    System.Text.Encoding.UTF8.GetBytes(payloads[i]));
            }
        }

        return stream.ToArray();
    }

    internal sealed record Speed([property: JsonPropertyName("speed")] double Value);

    [JsonSerializable(typeof(Speed))]
    private sealed partial class Types : JsonSerializerContext;
}
