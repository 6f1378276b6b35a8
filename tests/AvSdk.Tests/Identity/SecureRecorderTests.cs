using AvSdk.Contracts.V1;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Identity;

/// <summary>The code that users write, over TLS.</summary>
public sealed class SecureRecorderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_vehicle_records_is_read_by_a_client_and_the_export_too()
    {
        using TempFolder folder = new();
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        RecorderOptions options = new() { VehicleId = "veh-042", SpoolFolder = folder.At("spool"), FreeBytesMin = 0 };
        await using LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(
            options, gateway.Address, gateway.Credentials(gateway.Fleet.Vehicle("veh-042")), Token);
        Channel<Imu> imu = recorder.Channel<Imu>("/imu");
        for (uint i = 1; i <= 100; i++)
            Assert.Equal(WriteResult.Accepted, imu.Write(1_700_000_000_000_000_000UL + i, new Imu { FrameId = $"{i}" }));
        await recorder.DrainAsync(Token);
        await Eventually.Holds(() => recorder.Ledger.Delivered == 100);

        await using AvClient client = AvClient.Connect(
            gateway.Address, gateway.Client(), new AvClientOptions { WebAddress = gateway.Server.WebAddress });
        List<string> read = [];
        await foreach (Message<Imu> message in client.Query().Vehicles("veh-042").ReadAsync<Imu>("/imu", Token))
            read.Add(message.Value.FrameId);
        await using Stream mcap = await client.Query().Vehicles("veh-042").OpenMcapAsync(Token);
        using MemoryStream file = new();
        await mcap.CopyToAsync(file, Token);

        Assert.Equal(Enumerable.Range(1, 100).Select(each => $"{each}"), read);
        Assert.True(file.Length > 1000);
    }
}
