using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using AvSdk.Query;
using AvSdk.Testing;
using static AvSdk.Tests.Gateway.GatewayServer;

namespace AvSdk.Tests.Gateway;

/// <summary>A pack that is in the index and cannot be read.</summary>
public sealed class UnreadablePackTests
{
    private readonly SampleRecording _drive = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chunk_that_cannot_be_read_is_told_as_data_loss_before_its_header_with_the_remedy()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await gateway.UploadAsync(_drive, chunk);
        File.Delete(PathOf(folder));

        await using GrpcServerStreamingCall<ReadReply> call = gateway.Channel.ServerStreaming(
            Method<ReadRequest, ReadReply>("Query", "Read"),
            new ReadRequest { Selection = new Selection() }, null, Ct);
        List<ReadReply> replies = [];
        GrpcException lost = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await foreach (ReadReply reply in call.ReadAllAsync(Ct))
                replies.Add(reply);
        });

        Assert.Equal(GrpcStatusCode.DataLoss, lost.StatusCode);
        Assert.Contains($"veh-1/{_drive.Id}/000001", lost.Detail, StringComparison.Ordinal);
        Assert.Contains(chunk.Key.ToString(), lost.Detail, StringComparison.Ordinal);
        Assert.Contains("avgateway rebuild-index", lost.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(replies, reply => reply.KindCase == ReadReply.KindOneofCase.Chunk);
    }

    [Fact]
    public async Task A_client_does_not_come_back_to_a_chunk_that_cannot_be_read()
    {
        using TempFolder folder = new();
        await using (GatewayServer first = await GatewayServer.StartAsync(folder.Path))
            await first.UploadAsync(_drive, _drive.Chunk((_drive.Imu, 0)));
        File.Delete(PathOf(folder));
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(folder.Path, null, null, Ct);
        await using AvClient client = AvClient.Connect(gateway.Address.OriginalString);

        AvQueryException lost = await Assert.ThrowsAsync<AvQueryException>(async () =>
        {
            await foreach (RawMessage _ in client.Query().ReadRawAsync(Ct))
                Assert.Fail("There is no message to read.");
        });

        // Unavailable is the one that is retried.
        Assert.Equal(AvQueryError.GatewayRefused, lost.Error);
        Assert.Contains("DataLoss", lost.Message, StringComparison.Ordinal);
    }

    private string PathOf(TempFolder folder) =>
        folder.At("packs", "veh-1", _drive.Id.ToString(), "000001.mcap");
}
