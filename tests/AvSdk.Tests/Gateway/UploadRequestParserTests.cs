using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;
using AvSdk.Tests.Grpc;
using Google.Protobuf;

namespace AvSdk.Tests.Gateway;

/// <summary>The gateway's own parser of requests against the generated one.</summary>
public sealed class UploadRequestParserTests
{
    private readonly UploadRequestParser _parser = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(300_000)]
    public void A_part_is_the_same_however_its_bytes_lie_in_memory(int dataBytes)
    {
        UploadRequest request = Part(new Random(dataBytes), dataBytes);
        byte[] wire = request.ToByteArray();
        for (int segment = 1; segment <= wire.Length; segment = (segment * 3) + 1)
            Assert.Equal(request, _parser.Parse(Segments.Of([.. wire.Chunk(segment)])));
        _parser.Release();
    }

    [Fact]
    public void Every_other_request_is_the_generated_parsers()
    {
        UploadRequest[] requests =
        [
            new(),
            new() { Open = new Open { VehicleId = "car", Protocol = 1, Software = "s" } },
            new() { Part = new Part() },
            new() { Part = new Part { Ref = new ChunkRef() } },
            new() { Part = new Part { Offset = ulong.MaxValue } },
            new() { End = new End { End_ = new RecordingEnd { RecordingId = ByteString.CopyFromUtf8("0123456789abcdef") } } },
        ];
        foreach (UploadRequest request in requests)
            Assert.Equal(request, _parser.Parse(Segments.Of([.. request.ToByteArray().Chunk(3)])));
    }

    [Fact]
    public void Fields_in_another_order_twice_or_of_newer_vehicles_are_read_as_the_generated_parser_reads_them()
    {
        byte[] name = Field(1, new ChunkRef { Lane = "a", Sequence = 7 }.ToByteArray());
        byte[] other = Field(1, new ChunkRef { Lane = "b" }.ToByteArray());
        byte[] offset = [0x10, 0x85, 0x01];
        byte[] data = Field(3, [1, 2, 3]);
        byte[] longer = Field(3, [4, 5, 6, 7]);
        byte[] newer = Field(9, [8]);
        byte[][] parts =
        [
            [.. data, .. offset, .. name], [.. name, .. data, .. longer], [.. name, .. other, .. data], [.. newer, .. data],
            [.. name, .. offset, .. data, .. newer], [.. offset, .. offset], [],
        ];
        foreach (byte[] part in parts)
        {
            byte[] wire = [.. Field(4, part)];
            Assert.Equal(UploadRequest.Parser.ParseFrom(wire), _parser.Parse(Segments.Of([.. wire.Chunk(2)])));
            byte[] twice = [.. wire, .. Field(4, data)];
            Assert.Equal(UploadRequest.Parser.ParseFrom(twice), _parser.Parse(Segments.Of([.. twice.Chunk(2)])));
        }
    }

    [Fact]
    public void Bytes_cut_off_or_changed_are_what_the_generated_parser_makes_of_them()
    {
        byte[] wire = Part(new Random(1), 40).ToByteArray();
        for (int bytes = 0; bytes < wire.Length; bytes++)
            AssertSame(wire[..bytes]);
        for (int at = 0; at < wire.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. wire];
                changed[at] = (byte)value;
                AssertSame(changed);
            }
        }
    }

    private void AssertSame(byte[] wire)
    {
        Assert.Equal(
            Outcome(() => UploadRequest.Parser.ParseFrom(wire)),
            Outcome(() => _parser.Parse(Segments.Of([.. wire.Chunk(5)]))));

        static UploadRequest? Outcome(Func<UploadRequest> parse)
        {
            try
            {
                return parse();
            }
            catch (InvalidProtocolBufferException)
            {
                return null;
            }
        }
    }

    private static UploadRequest Part(Random random, int dataBytes)
    {
        byte[] data = new byte[dataBytes];
        random.NextBytes(data);
        byte[] id = new byte[16];
        random.NextBytes(id);
        ChunkRef name = new() { RecordingId = ByteString.CopyFrom(id), Lane = "sensors", Sequence = (ulong)random.NextInt64() };
        return new UploadRequest
        {
            Part = new Part { Ref = name, Offset = (ulong)random.NextInt64(), Data = ByteString.CopyFrom(data) },
        };
    }

    private static byte[] Field(int number, byte[] bytes)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
        }

        return stream.ToArray();
    }
}
