using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly AgentSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Fact]
    public Task The_manager_at_a_path_hears_ready_alive_and_stopping() => HearAsync(_setup.At("notify.sock"));

    [Fact]
    public Task The_manager_at_an_abstract_name_hears_ready_alive_and_stopping() =>
        HearAsync($"@avsdk-test-{Guid.NewGuid():N}");

    [Fact]
    public async Task A_manager_that_is_gone_stops_nobody_from_recording()
    {
        await using TestProcess agent = await _setup.StartAsync(Environment(_setup.At("nobody.sock")));

        await AgentSetup.StopAsync(agent);
    }

    private static Dictionary<string, string> Environment(string address) =>
        new() { ["NOTIFY_SOCKET"] = address, ["WATCHDOG_USEC"] = "300000" };

    private async Task HearAsync(string address)
    {
        using NotifySocket manager = new(address);
        await using TestProcess agent = await _setup.StartAsync(Environment(address));

        string ready = await manager.ReceiveAsync("READY=1");
        await manager.ReceiveAsync("WATCHDOG=1");
        await manager.ReceiveAsync("WATCHDOG=1");
        agent.Signal(TestProcess.SigTerm);
        await manager.ReceiveAsync("STOPPING=1");

        Assert.Contains("STATUS=recording ", ready, StringComparison.Ordinal);
        Assert.Equal(0, await agent.WaitForExitAsync());
    }
}
