using System.Diagnostics;
using System.Globalization;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>
/// Agents and their gateway are killed with signal 9, again and again, at any moment of their lives, while sources record.
/// AVSDK_KILLS: how many kills at least (200); AVSDK_SEED: of the moments.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Vehicles = 4;
    private const int BytesPerSecond = 300_000;

    // What the kernel makes of signal 9, as the runtime tells it.
    private const int KilledExitCode = 128 + TestProcess.SigKill;

    private readonly GatewaySetup _gateway = new();
    private readonly List<AgentSetup> _agents = [];
    private readonly List<NumberedSource> _sources = [];
    private readonly List<TestProcess> _survivors = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (TestProcess process in _survivors)
            await process.DisposeAsync();
        foreach (NumberedSource source in _sources)
            await source.DisposeAsync();
        foreach (AgentSetup agent in _agents)
            agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task Nothing_is_lost_doubled_or_reordered_however_often_agents_and_gateway_are_killed()
    {
        int kills = FromEnvironment("AVSDK_KILLS", 200);
        int seed = FromEnvironment("AVSDK_SEED", 1);
        int gatewayKills = kills / 10;
        int agentKills = (kills - gatewayKills + Vehicles - 1) / Vehicles;
        output.WriteLine($"at least {kills} kills, seed {seed}; agent: {Executable.Agent.Kind}, {Executable.Agent.Path}");
        Stopwatch watch = Stopwatch.StartNew();
        await AddVehiclesAsync();
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = Task.WhenAll(
            _sources.Select(source => Task.Run(() => source.WriteAsync(BytesPerSecond, ending.Token), Token)));

        // Agents go on being killed until the gateway has had its share too.
        Task<int> killingGateway = KillAsync(
            _gateway.Start, "avgateway listening", gatewayKills, Task.CompletedTask, new Random(seed), 1_500);
        int[] killed = await Task.WhenAll(_agents
            .Select((agent, at) => KillAsync(
                () => agent.Start(), "recording ", agentKills, killingGateway, new Random(seed + 1 + at), 600))
            .Append(killingGateway));
        TimeSpan killing = watch.Elapsed;

        _survivors.Add(await _gateway.StartAsync());
        TestProcess[] agents = await Task.WhenAll(_agents.Select(agent => agent.StartAsync()));
        _survivors.AddRange(agents);
        await ending.CancelAsync();
        await writing;
        await Task.WhenAll(_sources.Select(source => source.FlushAsync()));
        IReadOnlyDictionary<string, ulong>[] figures = await Task.WhenAll(agents.Select(AgentSetup.StopAsync));

        ulong messages = 0;
        for (int at = 0; at < Vehicles; at++)
        {
            Assert.Equal(0UL, _sources[at].Undurable);
            Assert.Equal(0UL, figures[at]["pending"] + figures[at]["dropped"] + figures[at]["evicted"] + figures[at]["damaged"]);
            messages += (await Arrivals.AssertAllAsync(_gateway, _agents[at].VehicleId, _sources[at].Written)).Messages;
        }

        Assert.InRange(killed.Sum(), kills, int.MaxValue);
        output.WriteLine(
            $"{killed.Sum()} kills in {killing.TotalSeconds:0} s, of the gateway {await killingGateway}; {messages} messages: "
            + $"lost 0, duplicated 0, reordered 0; {watch.Elapsed.TotalSeconds:0} s in all");
    }

    private async Task AddVehiclesAsync()
    {
        for (int number = 1; number <= Vehicles; number++)
        {
            AgentSetup agent = new()
            {
                VehicleId = $"veh-{number}",
                Gateway = _gateway.Address,
                Sections = NumberedTopic.Lanes()
                    + """, "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "50 s" } """,
            };
            _agents.Add(agent);
            _sources.Add(await NumberedSource.ConnectAsync(agent));
        }
    }

    /// <summary>Starts and kills, at least so often and until the other is through.</summary>
    private static async Task<int> KillAsync(
        Func<TestProcess> start, string lineWhenReady, int kills, Task other, Random random, int lifeMillisecondsMax)
    {
        int killed = 0;
        for (; killed < kills || !other.IsCompleted; killed++)
        {
            await using TestProcess process = start();
            // One of four dies young: while it starts or repairs what its predecessor left.
            if (random.Next(4) == 0)
            {
                await Task.Delay(random.Next(lifeMillisecondsMax / 4), Token);
            }
            else
            {
                await process.WaitForLineAsync(lineWhenReady);
                double life = random.NextDouble();
                await Task.Delay((int)(life * life * lifeMillisecondsMax), Token);
            }

            await process.KillAsync();
            Assert.True(process.ExitCode == KilledExitCode, $"It ended before it was killed.\n{process.Describe()}");
        }

        return killed;
    }

    private static int FromEnvironment(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
