using AvSdk.Contracts.V1;
using AvSdk.DependencyInjection;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Tests.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AvSdk.Tests.Client;

public sealed class DependencyInjectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_has_one_client_and_one_recorder_and_starts_without_an_agent()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddAvClient("http://127.0.0.1:1", options => options with { PrefetchChunks = 2 })
            .AddAvRecorder("unix:/nowhere/ingest.sock", options => options with { StopTimeout = TimeSpan.Zero });
        using IHost host = builder.Build();
        Assert.Same(host.Services.GetRequiredService<AvClient>(), host.Services.GetRequiredService<AvClient>());
        IRecorder recorder = host.Services.GetRequiredService<IRecorder>();
        Assert.IsType<SocketRecorder>(recorder);
        await host.StartAsync(Token);
        Assert.Equal(WriteResult.Accepted, recorder.Channel<Imu>("/imu").Write(1, new Imu()));

        using CancellationTokenSource noTime = new();
        await noTime.CancelAsync();
        await host.StopAsync(noTime.Token);
    }

    [Fact]
    public async Task A_recorder_in_the_app_is_durable_when_the_app_has_stopped()
    {
        using TempFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        RecorderOptions options = new() { VehicleId = "veh-042", SpoolFolder = folder.Path, FreeBytesMin = 0 };
        builder.Services.AddAvRecorder(options, gateway: null);
        using (IHost host = builder.Build())
        {
            await host.StartAsync(Token);
            Channel<Imu> imu = host.Services.GetRequiredService<IRecorder>().Channel<Imu>("/imu");
            for (ulong i = 1; i <= 10; i++)
                imu.Write(i, new Imu { FrameId = "base" });
            await host.StopAsync(Token);
            string[] segments = Directory.GetFiles(folder.Path, "*.mcap", SearchOption.AllDirectories);
            Assert.Contains(segments, path => new FileInfo(path).Length > 0);
            Assert.Equal(10UL, host.Services.GetRequiredService<IRecorder>().Ledger.Accepted);
        }
    }
}
