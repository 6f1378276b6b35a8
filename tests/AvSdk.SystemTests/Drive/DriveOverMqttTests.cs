using AvSdk.Query;
using AvSdk.SystemTests.Processes;
using AvSdk.Testing;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.SystemTests.Drive;

/// <summary>A real drive through the real processes over a real broker: every message arrives once, whatever is killed.</summary>
public sealed class DriveOverMqttTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly ExpectedDrive _drive = ExpectedDrive.Require("rav4_60s.lz4");
    private readonly List<GatewaySetup> _gateways = [];
    private Mosquitto _broker = null!;
    private AgentSetup _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _agent?.Dispose();
        foreach (GatewaySetup gateway in _gateways)
            gateway.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_drive_over_a_broker_arrives_identical_and_the_status_shows_the_link()
    {
        await BeginAsync();
        await using TestProcess gateway = await NewGateway("gw-1").StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await ReplayAsync(null);
        await agent.WaitForLineAsync("connected to");
        await using TestProcess status = await TestProcess.RunAsync(
            Executable.Agent, "status", "--socket", _agent.SocketPath);
        Assert.Contains($"uplink     connected mqtt {Address}", status.Output, StringComparison.Ordinal);

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((_drive.Messages, _drive.Messages), (figures["accepted"], figures["delivered"]));
        Assert.Equal(0UL, figures["pending"] + figures["dropped"] + figures["evicted"] + figures["damaged"]);
        await AssertArrivedAsync();
    }

    [Theory]
    [InlineData("max_packet_size 16384", "64 KiB")]
    [InlineData("max_queued_messages 40", "4 KiB")]
    public async Task A_drive_arrives_identical_over_a_broker_with_narrow_limits(string limits, string partBytes)
    {
        await BeginAsync(limits, partBytes);
        await using TestProcess gateway = await NewGateway("gw-1").StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await ReplayAsync(null);
        Assert.Equal(_drive.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        Assert.DoesNotContain("lost on the way", agent.Errors + gateway.Errors, StringComparison.Ordinal);
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task A_drive_arrives_identical_though_the_broker_is_killed_in_the_middle()
    {
        await BeginAsync();
        await using TestProcess gateway = await NewGateway("gw-1").StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await ReplayAsync(async () =>
        {
            await _broker.KillAsync();
            await _broker.StartAgainAsync();
        });
        Assert.Equal(_drive.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task Of_two_gateways_the_other_goes_on_when_one_is_killed_in_the_middle()
    {
        await BeginAsync();
        await using TestProcess one = await NewGateway("gw-1").StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        TestProcess? other = null;
        await ReplayAsync(async () =>
        {
            other = await NewGateway("gw-2").StartAsync();
            await one.KillAsync();
        });
        Assert.Equal(_drive.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await using TestProcess two = other!;

        // What the first had given receipts for is in its own store.
        await using TestProcess back = await _gateways[0].StartAsync();
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task A_drive_arrives_identical_though_the_agent_is_killed_in_the_middle()
    {
        await BeginAsync();
        await using TestProcess gateway = await NewGateway("gw-1").StartAsync();
        await using TestProcess killed = await _agent.StartAsync();
        TestProcess? successor = null;
        await ReplayAsync(async () =>
        {
            await killed.KillAsync();
            successor = await _agent.StartAsync();
        });
        await using TestProcess agent = successor!;
        await AgentSetup.StopAsync(agent);
        await AssertArrivedAsync();
    }

    // By a name, as in a car: .NET 9 connects to one in another way than to an address.
    private string Address => $"mqtt://localhost:{_broker.Port}";

    private async Task BeginAsync(string limits = "", string partBytes = "256 KiB")
    {
        _broker = await Mosquitto.StartAsync(_ => limits);
        _agent = new AgentSetup
        {
            Gateway = Address,
            Sections = $$"""
                "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "40 s", "partBytes": "{{partBytes}}" }
                """,
        };
    }

    private GatewaySetup NewGateway(string name)
    {
        GatewaySetup gateway = new() { Further = ["--mqtt", Address, "--mqtt-name", name] };
        _gateways.Add(gateway);
        return gateway;
    }

    private Task ReplayAsync(Func<Task>? inTheMiddle) => DriveReplay.RunAsync(_drive, _agent, inTheMiddle, Token);

    // In the order that the hashes want: all of one topic in order of log time, whichever gateway has it.
    private async Task AssertArrivedAsync()
    {
        List<(string Topic, ulong LogTime, uint Sequence, byte[] Payload)> messages = [];
        foreach (GatewaySetup gateway in _gateways)
        {
            await using AvClient client = AvClient.Connect(gateway.Address);
            int before = messages.Count;
            await foreach (RawMessage message in client.Query().Vehicles(AgentSetup.Vehicle).ReadRawAsync(Token))
                messages.Add((message.Topic, message.LogTime, message.Sequence, message.Payload.ToArray()));
            output.WriteLine($"{gateway.Address}: {messages.Count - before} messages of {_drive.Messages}");
        }

        Assert.Equal(_drive.Messages, (ulong)messages.Count);
        using DriveHash arrived = new();
        foreach ((string topic, ulong logTime, uint sequence, byte[] payload) in
            messages.Select((message, at) => (message, at)).OrderBy(each => each.message.LogTime).ThenBy(each => each.message.Sequence)
                .ThenBy(each => each.at).Select(each => each.message))
            arrived.Add(topic, logTime, sequence, payload);
        Assert.Equal(_drive.Hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal), arrived.ToDictionary());
    }
}
