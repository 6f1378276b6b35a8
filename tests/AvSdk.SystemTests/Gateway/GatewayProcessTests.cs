using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Gateway;

public sealed class GatewayProcessTests
{
    [Fact]
    public async Task It_prints_its_real_addresses_answers_and_stops_in_order()
    {
        using TemporaryFolder folder = new();
        await using TestProcess gateway = TestProcess.Start(
            Executable.Gateway, ["run", "--data", folder.At("data"), "--listen", "http://127.0.0.1:0"]);

        string line = await gateway.WaitForLineAsync("avgateway listening");

        Dictionary<string, string> fields = line.Split(' ')[2..]
            .Select(field => field.Split('=', 2)).ToDictionary(field => field[0], field => field[1]);
        Assert.Equal(folder.At("data"), fields["data"]);
        Assert.StartsWith("http://127.0.0.1:", fields["grpc"], StringComparison.Ordinal);
        using HttpClient http = new() { BaseAddress = new Uri(fields["web"]) };
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        gateway.Signal(TestProcess.SigTerm);
        await gateway.WaitForExitAsync();
        Assert.Equal(0, gateway.ExitCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task It_does_not_listen_beyond_loopback_before_identities_exist(string address)
    {
        using TemporaryFolder folder = new();
        await using TestProcess gateway = await TestProcess.RunAsync(
            Executable.Gateway, "run", "--data", folder.At("data"), "--listen", address);

        Assert.Equal(2, gateway.ExitCode);
        Assert.Contains("--allow-unauthenticated-network", gateway.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("data")));
    }

    [Fact]
    public async Task It_does_not_reach_a_broker_over_the_network_without_tls()
    {
        using TemporaryFolder folder = new();
        await using TestProcess gateway = await TestProcess.RunAsync(
            Executable.Gateway, "run", "--data", folder.At("data"), "--listen", "http://127.0.0.1:0", "--mqtt",
            "mqtt://broker.example:1883");

        Assert.Equal(2, gateway.ExitCode);
        Assert.All(
            ["mqtt (--mqtt) = mqtt://broker.example:1883", "Write mqtts://, or take the risk on with --allow-unauthenticated-network"],
            text => Assert.Contains(text, gateway.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_tells_all_problems_of_a_configuration_at_once()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write(
            "gateway.json", """{ "listen": "https://127.0.0.1:1", "packBytesMax": 1, /* and no data */ }""");
        await using TestProcess gateway = await TestProcess.RunAsync(Executable.Gateway, "run", "--config", config);

        Assert.Equal(2, gateway.ExitCode);
        Assert.Contains("3 problems", gateway.Errors, StringComparison.Ordinal);
        Assert.All(
            ["data (--data)", "PackBytesMax = 1", "listen = https://127.0.0.1:1"],
            text => Assert.Contains(text, gateway.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_misspelt_key_is_refused()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("gateway.json", """{ "dta": "/tmp" }""");
        await using TestProcess gateway = await TestProcess.RunAsync(Executable.Gateway, "run", "--config", config);

        Assert.Equal(2, gateway.ExitCode);
        Assert.Contains("dta", gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_and_exits_with_1()
    {
        using TemporaryFolder folder = new();
        await using TestProcess first = TestProcess.Start(
            Executable.Gateway, ["run", "--data", folder.At("one"), "--listen", "http://127.0.0.1:0"]);
        string line = await first.WaitForLineAsync("avgateway listening");
        string taken = line.Split("grpc=")[1].Split(' ')[0];

        await using TestProcess second = await TestProcess.RunAsync(
            Executable.Gateway, "run", "--data", folder.At("two"), "--listen", taken, "--web", "none");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("address already in use", second.Errors, StringComparison.OrdinalIgnoreCase);
    }
}
