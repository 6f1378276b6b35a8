using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

public sealed class GatewayOverGrpcTests
{
    [Fact]
    public async Task What_a_vehicle_uploads_is_read_back_byte_for_byte_with_its_definitions()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        SampleChunk first = drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1));
        SampleChunk image = drive.Chunk(1_500_000, (drive.Camera, 0.2), (drive.Camera, 0.7));
        SampleChunk second = drive.Chunk((drive.Imu, 2), (drive.Imu, 3));

        List<Outcome> outcomes = await UploadInPartsAsync(gateway, drive, first, image, second);
        Assert.Equal([Outcome.Stored, Outcome.Stored, Outcome.Stored], outcomes);

        List<ReadReply> replies = await gateway.ReadAsync(new Selection());
        Assert.Equal(3UL, replies[0].Begin.Chunks);
        Assert.Equal((ulong)(first.Body.Length + image.Body.Length + second.Body.Length), replies[0].Begin.Bytes);
        Assert.Equal(drive.Info, replies[1].Definitions.Recording);
        Assert.Equal(drive.Channels, replies[1].Definitions.Channels);
        Assert.Equal([drive.ImuSchema, drive.GnssSchema], replies[1].Definitions.Schemas);
        List<(ChunkHeader Header, byte[] Body)> chunks = Chunks(replies);
        Assert.Equal([first.Header, image.Header, second.Header], chunks.Select(chunk => chunk.Header));
        Assert.Equal(first.Body, chunks[0].Body);
        Assert.Equal(image.Body, chunks[1].Body);
        Assert.Equal(second.Body, chunks[2].Body);
        Assert.All(replies, reply => Assert.True(reply.Data.Length <= 1 << 20));
    }

    [Fact]
    public async Task A_plan_counts_what_is_stored_and_what_is_still_in_the_car()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        SampleChunk stored = drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1));
        SampleChunk announced = drive.Chunk((drive.Imu, 2));
        await gateway.UploadAsync(drive, stored);
        await AnnounceAsync(gateway, drive, announced);

        QueryPlan plan = await gateway.PlanAsync(new Selection { Topics = { "/imu", "/immu" } });

        Assert.Equal(1UL, plan.AsOf);
        Assert.Equal((1UL, 1UL), (plan.StoredChunks, plan.AnnouncedChunks));
        Assert.Equal((ulong)announced.Body.Length, plan.AnnouncedBytes);
        Assert.Equal(2UL, plan.MessagesMax);
        TopicSummary imu = Assert.Single(plan.Topics);
        Assert.Equal(("/imu", "test.Imu", 2UL, 1UL), (imu.Topic, imu.SchemaName, imu.Messages, imu.AnnouncedMessages));
        Assert.Equal(["/immu"], plan.UnmatchedTopics);
        Assert.Equal("/imu", plan.KnownTopics[0]);
    }

    [Fact]
    public async Task A_time_range_the_wrong_way_round_is_refused_with_the_remedy()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);

        GrpcException refused = await Assert.ThrowsAsync<GrpcException>(
            () => gateway.PlanAsync(new Selection { Start = 20, End = 10 }));

        Assert.Equal(GrpcStatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("start 20 must be before end 10", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("Swap them", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_topics_that_do_not_exist_names_the_nearest()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 0)));

        GrpcException refused = await Assert.ThrowsAsync<GrpcException>(
            () => gateway.ReadAsync(new Selection { Topics = { "/camera/frnt" } }));

        Assert.Equal(GrpcStatusCode.NotFound, refused.StatusCode);
        Assert.Contains("Did you mean /camera/front", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_before_open_ends_the_stream_as_invalid()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using GrpcDuplexCall<UploadRequest, UploadReply> call = gateway.Upload();
        await call.WriteAsync(new SampleRecording().Define(), ct);

        GrpcException refused = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync(ct));

        Assert.Equal(GrpcStatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("first message must be open", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_that_somebody_requests_are_asked_of_the_vehicle_at_once_or_when_it_connects()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        CancellationToken ct = TestContext.Current.CancellationToken;
        SampleRecording drive = new();
        SampleChunk chunk = drive.Chunk((drive.Imu, 0));
        await using (GrpcDuplexCall<UploadRequest, UploadReply> call = gateway.Upload())
        {
            await call.WriteAsync(Opening(drive), ct);
            await call.WriteAsync(drive.Define(), ct);
            await call.WriteAsync(chunk.Announcement, ct);
            await SkipToAsync(call, UploadReply.KindOneofCase.Announced);

            RequestReply reply = await RequestAsync(gateway);

            Assert.Equal((1UL, 1UL), (reply.RequestedChunks, reply.ReachableChunks));
            UploadReply asked = await SkipToAsync(call, UploadReply.KindOneofCase.Request);
            Assert.Equal(chunk.Header.Ref, Assert.Single(asked.Request.Refs));
        }

        await using GrpcDuplexCall<UploadRequest, UploadReply> again = gateway.Upload();
        await again.WriteAsync(Opening(drive), ct);
        UploadReply askedAgain = await SkipToAsync(again, UploadReply.KindOneofCase.Request);
        Assert.Equal(chunk.Header.Ref, Assert.Single(askedAgain.Request.Refs));
    }

    private static UploadRequest Opening(SampleRecording drive) =>
        new() { Open = new Open { Protocol = 1, VehicleId = drive.VehicleId } };

    private static Task<RequestReply> RequestAsync(GatewayServer gateway) => gateway.Channel.UnaryAsync(
        GatewayServer.Method<Selection, RequestReply>("Query", "Request"),
        new Selection(), null, TestContext.Current.CancellationToken);

    private static async Task<UploadReply> SkipToAsync(
        GrpcDuplexCall<UploadRequest, UploadReply> call, UploadReply.KindOneofCase kind)
    {
        while (await call.ReadAsync(TestContext.Current.CancellationToken) is { } reply)
        {
            if (reply.KindCase == kind)
                return reply;
        }

        throw new InvalidOperationException($"The stream ended without {kind}.");
    }

    private static async Task AnnounceAsync(GatewayServer gateway, SampleRecording drive, SampleChunk chunk)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using GrpcDuplexCall<UploadRequest, UploadReply> call = gateway.Upload();
        await call.WriteAsync(Opening(drive), ct);
        await call.WriteAsync(chunk.Announcement, ct);
        await SkipToAsync(call, UploadReply.KindOneofCase.Announced);
    }

    private static async Task<List<Outcome>> UploadInPartsAsync(
        GatewayServer gateway, SampleRecording drive, params SampleChunk[] chunks)
    {
        const int PartBytes = 256 * 1024;
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using GrpcDuplexCall<UploadRequest, UploadReply> call = gateway.Upload();
        await call.WriteAsync(Opening(drive), ct);
        await call.WriteAsync(drive.Define(), ct);
        foreach (SampleChunk chunk in chunks)
        {
            await call.WriteAsync(chunk.Announcement, ct);
            for (int at = 0; at < chunk.Body.Length; at += PartBytes)
                await call.WriteAsync(chunk.Part(at, Math.Min(at + PartBytes, chunk.Body.Length)), ct);
        }

        await call.CompleteAsync(ct);
        List<Outcome> outcomes = [];
        await foreach (UploadReply reply in call.ReadAllAsync(ct))
        {
            if (reply.KindCase == UploadReply.KindOneofCase.Receipt)
                outcomes.Add(reply.Receipt.Outcome);
        }

        return outcomes;
    }

    private static List<(ChunkHeader Header, byte[] Body)> Chunks(List<ReadReply> replies)
    {
        List<(ChunkHeader Header, byte[] Body)> chunks = [];
        foreach (ReadReply reply in replies)
        {
            if (reply.KindCase == ReadReply.KindOneofCase.Chunk)
                chunks.Add((reply.Chunk, []));
            else if (reply.KindCase == ReadReply.KindOneofCase.Data)
                chunks[^1] = chunks[^1] with { Body = [.. chunks[^1].Body, .. reply.Data.Span] };
        }

        return chunks;
    }
}
