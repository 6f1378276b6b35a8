using System.Diagnostics;
using System.Net;
using AvSdk.Gateway;
using AvSdk.Gateway.Mqtt;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.Tests.Gateway;

public sealed class HealthTests
{
    [Fact]
    public async Task A_gateway_that_can_write_is_live_and_ready()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        CancellationToken ct = TestContext.Current.CancellationToken;

        Assert.Equal("ok\n", await gateway.Http.GetStringAsync("/healthz", ct));
        Assert.Equal("ready\n", await gateway.Http.GetStringAsync("/readyz", ct));
    }

    [Fact]
    public async Task Too_little_free_space_is_not_ready_and_names_the_option()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(
            folder.Path, options => options.FreeBytesMin = long.MaxValue);
        CancellationToken ct = TestContext.Current.CancellationToken;

        using HttpResponseMessage response = await gateway.Http.GetAsync("/readyz", ct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("FreeBytesMin", await response.Content.ReadAsStringAsync(ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_without_its_broker_is_ready_and_says_that_it_is_degraded()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(
            folder.Path, options => options.Mqtt = new GatewayMqttOptions { Address = broker.Address.OriginalString, Name = "gw-1" });

        await AnswersAsync(gateway, static answer => answer == "ready\n");
        await broker.KillAsync();
        await AnswersAsync(gateway, answer => answer.StartsWith(
            $"ready\ndegraded: no vehicle is taken over the broker {broker.Address.OriginalString}: ", StringComparison.Ordinal));
        await broker.StartAgainAsync();
        await AnswersAsync(gateway, static answer => answer == "ready\n");
    }

    private static async Task AnswersAsync(GatewayServer gateway, Func<string, bool> isExpected)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        long start = Stopwatch.GetTimestamp();
        while (await gateway.Http.GetStringAsync("/readyz", ct) is var answer && !isExpected(answer))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2), answer);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
        }
    }

    [Fact]
    public async Task Metrics_count_what_was_stored_as_prometheus_reads_it()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        SampleChunk chunk = drive.Chunk((drive.Imu, 0));
        await gateway.UploadAsync(drive, chunk);

        string[] lines = (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken))
            .Split('\n');

        Assert.Contains("av_gateway_ingest_stored_total 1", lines);
        Assert.Contains($"av_gateway_ingest_stored_bytes_total {chunk.Body.Length}", lines);
        Assert.Contains("# TYPE av_gateway_ingest_streams gauge", lines);
        Assert.Contains("av_gateway_ingest_commit_duration_seconds_count 1", lines);
    }

    [Fact]
    public async Task The_front_page_says_what_this_is()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);

        string page = await gateway.Http.GetStringAsync("/", TestContext.Current.CancellationToken);

        Assert.StartsWith("avgateway/", page, StringComparison.Ordinal);
        Assert.Contains("/v1/export.mcap", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_gateway_on_the_same_folder_is_refused()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);

        IOException refused = await Assert.ThrowsAsync<IOException>(() => GatewayServer.StartAsync(folder.Path));

        Assert.Contains("in use by another gateway", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_tell_all_their_problems_at_once()
    {
        GatewayOptions options = new() { PackBytesMax = 1, PartBytesMax = 9 << 20, StagingBytesMax = 5 };

        Assert.Equal(
            ["DataFolder", "PackBytesMax", "PartBytesMax", "StagingBytesMax"],
            options.Validate().Select(problem => problem.Key));
        Assert.All(options.Validate(), problem => Assert.NotEmpty(problem.Remedy));
    }

    [Theory]
    [InlineData("http://127.0.0.1:7443", true)]
    [InlineData("http://127.8.9.1:7443", true)]
    [InlineData("http://[::1]:7443", true)]
    [InlineData("http://localhost:0", true)]
    [InlineData("unix:/run/avgateway.sock", true)]
    [InlineData("http://0.0.0.0:7443", false)]
    [InlineData("http://[::]:7443", false)]
    [InlineData("http://*:7443", false)]
    [InlineData("http://192.168.1.7:7443", false)]
    [InlineData("http://gateway.example:7443", false)]
    [InlineData("nonsense", false)]
    public void Only_loopback_is_let_through_unless_a_flag_names_the_risk(string address, bool isLocal)
    {
        Assert.Equal(isLocal, GatewayListenGuard.Check([address], "--risk", false).Count == 0);
        Assert.Empty(GatewayListenGuard.Check([address], "--risk", true));
        Assert.All(
            GatewayListenGuard.Check([address], "--risk", false),
            problem => Assert.Contains("--risk", problem.Remedy, StringComparison.Ordinal));
    }
}
