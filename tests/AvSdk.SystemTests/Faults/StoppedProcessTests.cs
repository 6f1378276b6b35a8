using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>SIGSTOP: a process that is there, holds its connections, and does nothing.</summary>
public sealed class StoppedProcessTests : IDisposable
{
    private const int BytesPerSecond = 200_000;

    // Longer than the uplink's ping (10 s) and the wait for its answer (10 s), and the reply timeout below.
    private static readonly TimeSpan s_stopped = TimeSpan.FromSeconds(24);
    private readonly Pair _first = new(), _second = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    // Both at a time, since it is waiting for the most part.
    [Fact]
    public Task Everything_is_delivered_after_agent_or_gateway_stood_still_for_longer_than_every_timeout() => Task.WhenAll(
        RecordAsync(_first, static (agent, _) => agent),
        RecordAsync(_second, static (_, gateway) => gateway));

    private static async Task RecordAsync(Pair pair, Func<TestProcess, TestProcess, TestProcess> choose)
    {
        await using TestProcess gateway = await pair.Gateway.StartAsync();
        await using TestProcess agent = await pair.Agent.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(pair.Agent);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = Task.Run(() => source.WriteAsync(BytesPerSecond, ending.Token), Token);
        await AgentState.WaitAsync(pair.Agent, DeliversSomething, "something is delivered");

        TestProcess stopped = choose(agent, gateway);
        stopped.Signal(TestProcess.SigStop);
        await Task.Delay(s_stopped, Token);
        if (stopped == gateway)
        {
            // The agent found it out by itself, and goes on recording.
            await AgentState.WaitAsync(
                pair.Agent, status => status.GetProperty("uplink").GetProperty("attempts").GetInt64() > 1, "it connects again");
        }

        ulong written = source.Messages;
        stopped.Signal(TestProcess.SigContinue);
        await AgentState.WaitAsync(() => source.Messages > written + 100, "recording goes on");
        await ending.CancelAsync();
        await writing;
        await source.FlushAsync();

        Assert.Equal(source.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await Arrivals.AssertAllAsync(pair.Gateway, AgentSetup.Vehicle, source.Written);
    }

    private static bool DeliversSomething(System.Text.Json.JsonElement status) =>
        status.GetProperty("uplink").GetProperty("chunksDelivered").GetInt64() > 0;

    private sealed class Pair : IDisposable
    {
        public Pair() => Agent = new AgentSetup
        {
            Gateway = Gateway.Address,
            Sections = NumberedTopic.Lanes() + """
                , "upload": { "retryDelay": "20 ms", "retryDelayMax": "1 s", "drainTimeout": "40 s", "replyTimeout": "5 s" }
                """,
        };

        public GatewaySetup Gateway { get; } = new();

        public AgentSetup Agent { get; }

        public void Dispose()
        {
            Agent.Dispose();
            Gateway.Dispose();
        }
    }
}
