using AvSdk.Query;
using AvSdk.SystemTests.Processes;
using AvSdk.Testing;

namespace AvSdk.SystemTests.Drive;

/// <summary>
/// A real drive through the real processes: every message arrives once, whatever is killed on the way.
/// </summary>
public sealed class DriveTests : IDisposable
{
    private const string Drive = "rav4_60s.lz4";
    private readonly ITestOutputHelper _output;
    private readonly ExpectedDrive _drive = ExpectedDrive.Require(Drive);
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;

    public DriveTests(ITestOutputHelper output)
    {
        _output = output;
        _agent = new AgentSetup { Gateway = _gateway.Address };
        output.WriteLine($"agent: {Executable.Agent.Kind}, {Executable.Agent.Path}");
        output.WriteLine($"gateway: {Executable.Gateway.Kind}, {Executable.Gateway.Path}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task A_drive_through_the_socket_arrives_identical()
    {
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await ReplayAsync(null);

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);

        Assert.Equal(_drive.Messages, figures["accepted"]);
        Assert.Equal(_drive.Messages, figures["delivered"]);
        Assert.Equal(0UL, figures["pending"] + figures["dropped"] + figures["evicted"] + figures["damaged"]);
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task A_drive_arrives_identical_though_the_agent_is_killed_in_the_middle()
    {
        await using TestProcess gateway = await _gateway.StartAsync();
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

    [Fact]
    public async Task A_drive_arrives_identical_though_the_gateway_is_killed_in_the_middle()
    {
        await using TestProcess killed = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        TestProcess? successor = null;
        await ReplayAsync(async () =>
        {
            await killed.KillAsync();
            successor = await _gateway.StartAsync();
        });
        await using TestProcess gateway = successor!;

        Assert.Equal(_drive.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task What_is_recorded_without_a_gateway_arrives_when_there_is_one()
    {
        await using TestProcess agent = await _agent.StartAsync();
        await ReplayAsync(null);
        await using TestProcess gateway = await _gateway.StartAsync();

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(_drive.Messages, figures["accepted"]);
        Assert.Equal(_drive.Messages, figures["delivered"]);
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task The_replay_command_records_a_file_through_the_socket()
    {
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await using TestProcess replay = await TestProcess.RunAsync(
            Executable.Agent, "replay", _drive.File, "--rate", "0", "--socket", _agent.SocketPath);
        Assert.True(replay.ExitCode == 0, replay.Describe());

        await AgentSetup.StopAsync(agent);

        await AssertArrivedAsync();
    }

    [Fact]
    public async Task The_replay_command_records_a_file_by_itself()
    {
        await using TestProcess gateway = await _gateway.StartAsync();
        _agent.WriteConfig();
        await using TestProcess replay = await TestProcess.RunAsync(
            Executable.Agent, "replay", _drive.File, "--rate", "0", "--config", _agent.ConfigFile);

        Assert.True(replay.ExitCode == 0, replay.Describe());
        Assert.Equal(_drive.Messages, AgentSetup.Figures(replay)["delivered"]);
        await AssertArrivedAsync();
    }

    private Task ReplayAsync(Func<Task>? inTheMiddle) => DriveReplay.RunAsync(_drive, _agent, inTheMiddle, Token);

    private async Task AssertArrivedAsync()
    {
        await using AvClient client = AvClient.Connect(_gateway.Address);
        using DriveHash arrived = new();
        await foreach (RawMessage message in client.Query().Vehicles(AgentSetup.Vehicle).ReadRawAsync(Token))
            arrived.Add(message.Topic, message.LogTime, message.Sequence, message.Payload.Span);

        _output.WriteLine($"{arrived.Messages} messages of {_drive.Messages}");
        Assert.Equal(_drive.Messages, arrived.Messages);
        Assert.Equal(_drive.Hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal), arrived.ToDictionary());
    }
}
