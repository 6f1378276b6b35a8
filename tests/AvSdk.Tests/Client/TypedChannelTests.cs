using System.Text.Json.Serialization;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Ingestion;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Testing;
using Google.Protobuf;

namespace AvSdk.Tests.Client;

public sealed partial class TypedChannelTests
{
    [Fact]
    public async Task A_protobuf_channel_carries_its_schema_and_its_bytes()
    {
        await using MemoryRecorder recorder = new();
        Channel<Imu> imu = recorder.Channel<Imu>("/imu", lane: "events");
        Imu sample = new() { FrameId = "base" };
        DateTimeOffset at = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

        Assert.Equal(WriteResult.Accepted, imu.Write(at, sample));
        Assert.Equal(WriteResult.Accepted, imu.Write(new MessageStamp(5, 4, 3), sample));
        Assert.Equal(WriteResult.Accepted, imu.WriteRaw(6, sample.ToByteArray()));

        Assert.Equal("av.v1.Imu", imu.Untyped.Spec.Schema!.Name);
        Assert.Equal("events", imu.Untyped.Spec.Lane);
        Assert.True(imu.Untyped.Spec.Schema.Data.Span.SequenceEqual(ProtobufSchema.FileDescriptorSet(Imu.Descriptor).Span));
        Assert.Equal(
            [new MessageStamp(1_795_255_200_000_000_000, 1_795_255_200_000_000_000, 0), new(5, 4, 3), new(6, 6, 0)],
            recorder.Messages.Select(each => each.Stamp));
        Assert.All(recorder.Messages, each => Assert.Equal(sample, Imu.Parser.ParseFrom(each.Payload.Span)));
        imu.CountLost(3, "sensor");
        Assert.Equal(3UL, recorder.Ledger.Dropped);
    }

    [Fact]
    public async Task A_json_channel_carries_a_schema_made_of_its_type()
    {
        await using MemoryRecorder recorder = new();
        JsonChannel<PlannerState> planner = recorder.JsonChannel("/planner", TestJson.Default.PlannerState);
        Assert.Equal(WriteResult.Accepted, planner.Write(7, new PlannerState("lane_change", 12.5)));

        SchemaSpec schema = planner.Untyped.Spec.Schema!;
        Assert.Equal(("jsonschema", "json"), (schema.Encoding, planner.Untyped.Spec.MessageEncoding));
        Assert.StartsWith("{\"type\":\"object\",\"properties\":", Text(schema.Data), StringComparison.Ordinal);
        Assert.Equal("""{"Maneuver":"lane_change","Speed":12.5}""", Text(recorder.Messages[0].Payload));
    }

    [Fact]
    public async Task What_was_written_as_json_is_read_as_json()
    {
        FakeGateway gateway = new();
        FakeRecording recording = gateway.Add("veh-1", new FakeChannel(1, "/planner", "state", "json"));
        gateway.Store(
            recording, "telemetry", new FakeMessage(1, 7, 1, """{"Maneuver":"stop","Speed":0}"""u8.ToArray()));
        AvQuery query = gateway.Client().Query();
        await foreach (Message<PlannerState?> message in query.ReadJsonAsync(
            "/planner", TestJson.Default.PlannerState, TestContext.Current.CancellationToken))
        {
            Assert.Equal(new PlannerState("stop", 0), message.Value);
        }
    }

    [Fact]
    public void A_time_before_1970_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => UnixNanoseconds.From(DateTimeOffset.UnixEpoch.AddTicks(-1)));

    [Fact]
    public async Task Writing_a_typed_message_allocates_nothing()
    {
        // Nobody listens there: messages stay in the ring, whose first block holds all of them.
        SocketRecorderOptions options = new() { StopTimeout = TimeSpan.Zero };
        await using SocketRecorder recorder = SocketRecorder.Start("unix:/nowhere/ingest.sock", options);
        Channel<Imu> imu = recorder.Channel<Imu>("/imu");
        Imu sample = new()
        {
            FrameId = "base",
            LinearAcceleration = new AvSdk.Contracts.Foxglove.Vector3 { X = 1, Y = 2, Z = 3 },
            LinearAccelerationVariance = { 1, 2, 3 },
        };
        for (ulong i = 0; i < 200; i++)
            imu.Write(i, sample);

        long before = GC.GetAllocatedBytesForCurrentThread();
        WriteResult worst = WriteResult.Accepted;
        for (ulong i = 0; i < 1000; i++)
        {
            WriteResult result = imu.Write(i, sample);
            worst = result == WriteResult.Accepted ? worst : result;
        }

        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(WriteResult.Accepted, worst);
        Assert.Equal(0, after - before);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    internal sealed record PlannerState(string Maneuver, double Speed);

    [JsonSerializable(typeof(PlannerState))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
