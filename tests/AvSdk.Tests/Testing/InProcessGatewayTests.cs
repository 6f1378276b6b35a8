using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Grpc;
using AvSdk.Testing;
using Google.Protobuf.Reflection;

namespace AvSdk.Tests.Testing;

public sealed class InProcessGatewayTests
{
    private static readonly GrpcMethod<UploadRequest, UploadReply> Upload =
        GrpcMethod<UploadRequest, UploadReply>.FromDescriptor(
            IngestReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Ingest")
                .FindMethodByName("Upload"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_stops_and_answers_again_at_the_same_addresses_with_the_same_folder()
    {
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(Ct);
        (Uri grpc, Uri web) = (gateway.Address, gateway.WebAddress);
        Assert.StartsWith("avgateway/", await GreetAsync(gateway), StringComparison.Ordinal);

        await gateway.StopAsync(Ct);
        Assert.False(gateway.IsRunning);
        await Assert.ThrowsAsync<GrpcException>(() => GreetAsync(gateway));

        await gateway.StartAgainAsync(Ct);
        Assert.Equal((grpc, web), (gateway.Address, gateway.WebAddress));
        Assert.StartsWith("avgateway/", await GreetAsync(gateway), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_folder_goes_with_it_and_another_ones_stays()
    {
        InProcessGateway own = await InProcessGateway.StartAsync(Ct);
        Assert.True(Directory.Exists(own.DataFolder));
        await own.DisposeAsync();
        Assert.False(Directory.Exists(own.DataFolder));

        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-test-");
        await (await InProcessGateway.StartAsync(folder.FullName, null, null, Ct)).DisposeAsync();
        Assert.True(folder.Exists);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Wrong_options_are_told_before_anything_starts() =>
        await Assert.ThrowsAsync<GatewayOptionsException>(() =>
            InProcessGateway.StartAsync(null, options => options.PartBytesMax = 1, null, Ct));

    private static async Task<string> GreetAsync(InProcessGateway gateway)
    {
        await using GrpcChannel channel = GrpcChannel.Create(gateway.Address);
        await using GrpcDuplexCall<UploadRequest, UploadReply> call = channel.Duplex(Upload, null, Ct);
        Open open = new() { Protocol = 1, VehicleId = "veh-1" };
        await call.WriteAsync(new UploadRequest { Open = open }, Ct);
        await call.CompleteAsync(Ct);
        await foreach (UploadReply reply in call.ReadAllAsync(Ct))
            return reply.Opened.Software;
        return "";
    }
}
