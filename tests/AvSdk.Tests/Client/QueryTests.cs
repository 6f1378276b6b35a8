using AvSdk.Contracts.V1;
using AvSdk.Query;
using AvSdk.Tests.Recording.Fakes;
using Google.Protobuf;

namespace AvSdk.Tests.Client;

public sealed class QueryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_come_typed_with_their_origin()
    {
        FakeGateway gateway = Sensors(out FakeRecording recording);

        List<Message<Imu>> read = [];
        await foreach (Message<Imu> message in gateway.Client().Query().ReadAsync<Imu>("/imu", Token))
            read.Add(message);

        Assert.Equal([100UL, 200UL, 300UL], read.Select(each => each.LogTime));
        Assert.Equal(["imu-100", "imu-200", "imu-300"], read.Select(each => each.Value.FrameId));
        MessageOrigin origin = read[0].Origin;
        Assert.Equal(
            ("veh-1", recording.Id, "telemetry", 1UL),
            (origin.VehicleId, origin.RecordingId, origin.Lane, origin.ChunkSequence));
        Assert.Equal(32, origin.ChunkSha256.Length);
    }

    [Fact]
    public void A_query_never_changes()
    {
        AvQuery all = Sensors(out _).Client().Query();
        AvQuery narrowed = all.Vehicles("veh-1").Topics("/imu").Between(1, 2);
        Assert.Equal(new Selection(), all.Selection);
        Assert.Equal(["veh-1"], narrowed.Selection.VehicleIds);
        Assert.NotEqual(all, narrowed);
        Assert.Equal(narrowed, all.Vehicles("veh-1").Topics("/imu").Between(1, 2));
    }

    [Fact]
    public async Task A_time_range_the_wrong_way_round_is_found_before_anything_is_sent()
    {
        await using AvClient client = AvClient.Connect("http://127.0.0.1:1");
        AvQueryException byNanoseconds = Assert.Throws<AvQueryException>(() => client.Query().Between(2, 1));
        AvQueryException byTime = Assert.Throws<AvQueryException>(
            () => client.Query().Between(DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch));
        Assert.All([byNanoseconds, byTime], error =>
        {
            Assert.Equal(AvQueryError.TimeRange, error.Error);
            Assert.Contains("wrong way round", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_unknown_topic_is_told_with_those_that_there_are()
    {
        FakeGateway gateway = Sensors(out _);
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<Imu>("/immu", Token)));
        Assert.Equal(AvQueryError.UnknownTopic, error.Error);
        Assert.Contains("Did you mean /imu?", error.Message, StringComparison.Ordinal);
        Assert.Contains("/can", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Readings);
    }

    [Fact]
    public async Task A_topic_outside_of_the_query_is_told_before_anything_is_sent()
    {
        FakeGateway gateway = Sensors(out _);
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().Topics("/can").ReadAsync<Imu>("/imu", Token)));
        Assert.Equal(AvQueryError.UnknownTopic, error.Error);
        Assert.Equal(0, gateway.Calls);
    }

    [Fact]
    public async Task Another_type_than_the_topic_carries_is_told_with_the_one_it_does()
    {
        FakeGateway gateway = Sensors(out _);
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<CanFrame>("/imu", Token)));
        Assert.Equal(AvQueryError.TypeMismatch, error.Error);
        Assert.Contains("av.v1.Imu (protobuf)", error.Message, StringComparison.Ordinal);
        Assert.Contains("av.v1.CanFrame (protobuf)", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Readings);
    }

    [Fact]
    public async Task A_payload_that_is_none_names_its_chunk_and_can_be_read_past()
    {
        FakeGateway gateway = new();
        FakeRecording recording = gateway.Add("veh-1", FakeChannel.Of<Imu>(1, "/imu"));
        gateway.Store(
            recording, "telemetry", new FakeMessage(1, 1, 1, [0xFF, 0xFF]),
            new FakeMessage(1, 2, 2, new Imu { FrameId = "good" }.ToByteArray()));
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<Imu>("/imu", Token)));
        Assert.Equal(AvQueryError.DamagedMessage, error.Error);
        Assert.Contains("lane telemetry, chunk 1", error.Message, StringComparison.Ordinal);

        List<string> rest = [];
        await foreach (Message<Imu> message in gateway.Client().Query().After(error.Position!).ReadAsync<Imu>("/imu", Token))
            rest.Add(message.Value.FrameId);
        Assert.Equal(["good"], rest);
    }

    [Fact]
    public async Task A_gateway_that_is_down_is_told_with_what_to_check()
    {
        AvClientOptions options = new() { RetryAttempts = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };
        await using AvClient client = AvClient.Connect("http://127.0.0.1:1", options);
        AvQueryException plan = await Assert.ThrowsAsync<AvQueryException>(() => client.Query().PlanAsync(Token));
        AvQueryException read = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(client.Query().ReadAsync<Imu>("/imu", Token)));
        AvQueryException export = await Assert.ThrowsAsync<AvQueryException>(() => client.Query().OpenMcapAsync(Token));
        Assert.All([plan, read, export], error =>
        {
            Assert.Equal(AvQueryError.GatewayUnavailable, error.Error);
            Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        });
        Assert.Contains("Check that it runs", plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_lost_is_made_again()
    {
        FakeGateway gateway = Sensors(out _);
        gateway.FailCalls = 3;
        Assert.Equal(2, (await gateway.Client().Catalogue.RecordingsAsync(null, Token).ToListAsync(Token)).Count);
        RequestedChunks requested = await gateway.Client().Query().RequestAsync(Token);
        Assert.Equal(new RequestedChunks(3, 30, 2), requested);
    }

    [Fact]
    public async Task A_gateway_that_says_when_to_ask_again_is_asked_then_and_not_before()
    {
        ManualTime time = new();
        FakeGateway gateway = Sensors(out _);
        (gateway.FailCalls, gateway.RetryAfter) = (1, TimeSpan.FromMilliseconds(300));
        AvClientOptions options = new() { RetryDelay = TimeSpan.FromMilliseconds(50), TimeProvider = time };
        Task<List<RecordingEntry>> asking = gateway.Client(options).Catalogue.RecordingsAsync(null, Token)
            .ToListAsync(Token).AsTask();
        await Eventually.Holds(() => time.Timers > 0, "the client waits");

        time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.Equal((1, 1), (gateway.Calls, time.Timers));
        time.Advance(TimeSpan.FromMilliseconds(51));
        Assert.Equal(2, (await asking).Count);
    }

    [Theory]
    [InlineData(3600_000)]
    [InlineData(-1)]
    public async Task A_gateway_that_says_never_or_in_an_hour_is_not_asked_again(int milliseconds)
    {
        FakeGateway gateway = Sensors(out _);
        (gateway.FailCalls, gateway.RetryAfter) = (1, TimeSpan.FromMilliseconds(milliseconds));
        AvQueryException refusal = await Assert.ThrowsAsync<AvQueryException>(
            () => gateway.Client().Catalogue.RecordingsAsync(null, Token).ToListAsync(Token).AsTask());
        Assert.Equal((1, TimeSpan.FromMilliseconds(milliseconds)), (gateway.Calls, refusal.RetryAfter));
    }

    [Fact]
    public async Task A_chunk_with_one_other_bit_is_found()
    {
        FakeGateway gateway = Sensors(out _);
        gateway.Alter = reply =>
        {
            if (reply.KindCase == ReadReply.KindOneofCase.Data)
            {
                byte[] data = reply.Data.ToByteArray();
                data[^1] ^= 1;
                reply.Data = ByteString.CopyFrom(data);
            }

            return reply;
        };
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<Imu>("/imu", Token)));
        Assert.Equal(AvQueryError.DamagedChunk, error.Error);
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_chunk_is_left_out_where_the_caller_says_so()
    {
        FakeGateway gateway = Sensors(out _);
        int chunks = 0;
        gateway.Alter = reply =>
        {
            if (reply.KindCase == ReadReply.KindOneofCase.Chunk && chunks++ == 0)
                reply.Chunk.Sha256 = ByteString.CopyFrom(new byte[32]);
            return reply;
        };
        AvClientOptions options = new() { DamagedChunks = DamagedChunkPolicy.Skip };
        List<Message<Imu>> read = [];
        await foreach (Message<Imu> message in gateway.Client(options).Query().ReadAsync<Imu>("/imu", Token))
            read.Add(message);
        Assert.Equal([300UL], read.Select(each => each.LogTime));
    }

    [Theory]
    [InlineData("body")]
    [InlineData("uncompressed")]
    public async Task A_chunk_over_the_limit_is_refused_before_memory_is_taken_for_it(string which)
    {
        FakeGateway gateway = Sensors(out _);
        gateway.Alter = reply =>
        {
            if (reply.KindCase == ReadReply.KindOneofCase.Chunk && which == "body")
                reply.Chunk.BodyBytes = ulong.MaxValue;
            else if (reply.KindCase == ReadReply.KindOneofCase.Chunk)
                reply.Chunk.UncompressedBytes = 1UL << 40;
            return reply;
        };
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<Imu>("/imu", Token)));
        Assert.Equal(AvQueryError.OverLimit, error.Error);
        Assert.Contains("ChunkBytesMax", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_overlapping_chunks_than_the_memory_holds_is_told()
    {
        FakeGateway gateway = new();
        FakeRecording recording = gateway.Add("veh-1", new FakeChannel(1, "/big"));
        for (uint i = 0; i < 4; i++)
            gateway.Store(recording, $"lane-{i}", new FakeMessage(1, 1, i, new byte[3000]), new FakeMessage(1, 9, i, []));
        AvClientOptions options = new() { ChunkBytesMax = 4096, MemoryBytesMax = 8000 };
        AvQueryException error = await Assert.ThrowsAsync<AvQueryException>(async () =>
        {
            await foreach (RawMessage _ in gateway.Client(options).Query().ReadRawAsync(Token))
            {
            }
        });
        Assert.Equal(AvQueryError.OverLimit, error.Error);
        Assert.Contains("MemoryBytesMax", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_in_the_middle_ends_the_call()
    {
        FakeGateway gateway = Sensors(out _);
        await foreach (Message<Imu> message in gateway.Client().Query().ReadAsync<Imu>("/imu", Token))
        {
            Assert.Equal(100UL, message.LogTime);
            break;
        }

        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DrainAsync(gateway.Client().Query().ReadAsync<Imu>("/imu", cancelled.Token)));
    }

    [Fact]
    public void Options_tell_all_their_problems_at_once()
    {
        AvClientOptions options = new() { PrefetchChunks = 0, RetryAttempts = -1, ChunkBytesMax = 1 };
        ArgumentException error = Assert.Throws<ArgumentException>(() => AvClient.Connect("http://127.0.0.1:1", options));
        Assert.All(["PrefetchChunks is 0", "RetryAttempts is -1", "ChunkBytesMax is 1"], problem =>
            Assert.Contains(problem, error.Message, StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => AvClient.Connect("gateway.example"));
    }

    [Fact]
    public async Task The_export_link_names_the_selection()
    {
        Guid recording = new("0192f0c1-2c5e-7b3a-8d7c-0123456789ab");
        AvClientOptions options = new() { WebAddress = new Uri("http://gateway.example:8080") };
        AvQuery query = Sensors(out _).Client(options).Query();
        await using McapExport export = new(new Uri("http://127.0.0.1:1"), options);
        Uri link = export.LinkTo(
            query.Vehicles("veh-1").Recordings(recording).Between(5, 9).Topics("/camera/*", "/a&b").Selection);
        Assert.Equal(
            "http://gateway.example:8080/v1/export.mcap?vehicle=veh-1&recording=0192f0c1-2c5e-7b3a-8d7c-0123456789ab"
            + "&from=5&to=9&topic=%2Fcamera%2F%2A&topic=%2Fa%26b",
            link.AbsoluteUri);
    }

    private static FakeGateway Sensors(out FakeRecording recording)
    {
        FakeGateway gateway = new();
        recording = gateway.Add("veh-1", FakeChannel.Of<Imu>(1, "/imu"), FakeChannel.Of<CanFrame>(2, "/can"));
        gateway.Add("veh-2", FakeChannel.Of<Imu>(1, "/imu"));
        gateway.Store(recording, "telemetry", OfImu(100), OfCan(150), OfImu(200));
        gateway.Store(recording, "telemetry", OfImu(300));
        return gateway;

        static FakeMessage OfImu(ulong at) => new(1, at, (uint)at, new Imu { FrameId = $"imu-{at}" }.ToByteArray());
        static FakeMessage OfCan(ulong at) => new(2, at, (uint)at, new CanFrame { Id = 1 }.ToByteArray());
    }

    private static async Task DrainAsync<T>(IAsyncEnumerable<T> messages)
    {
        await foreach (T _ in messages)
        {
        }
    }
}
