using System.Globalization;

namespace AvSdk.SystemTests.Processes;

/// <summary>
/// An agent's configuration, spool and socket in a folder of the test's own; the agent may be started again
/// and again.
/// </summary>
internal sealed class AgentSetup : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public const string Vehicle = "veh-test";

    public string SocketPath => _folder.At("ingest.sock");

    public string SocketAddress => "unix:" + SocketPath;

    public string SpoolFolder => _folder.At("spool");

    public string ConfigFile => _folder.At("agent.json");

    /// <summary>For a test with several agents.</summary>
    public string VehicleId { get; init; } = Vehicle;

    /// <summary>Null: no gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>Further settings of the gateway, as JSON members with a comma before each.</summary>
    public string GatewaySettings { get; set; } = "";

    /// <summary>Sources as JSON objects, beside the socket.</summary>
    public string Sources { get; init; } = "";

    /// <summary>What the socket does when there is no room: <c>wait</c> or <c>drop</c>.</summary>
    public string WhenFull { get; init; } = "wait";

    /// <summary>Further settings of the spool, as JSON members with a comma before each.</summary>
    public string SpoolSettings { get; init; } = "";

    /// <summary>Further sections, as JSON members.</summary>
    public string Sections { get; set; } = """ "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "20 s" } """;

    public string At(string name) => _folder.At(name);

    /// <summary>Starts the agent and returns when it records.</summary>
    /// <param name="environment">Further variables.</param>
    /// <param name="through">A command that becomes the agent, or runs it: its words before the agent's.</param>
    public async Task<TestProcess> StartAsync(
        IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? through = null)
    {
        TestProcess agent = Start(environment, through);
        try
        {
            await agent.WaitForLineAsync("recording ");
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the agent, and does not wait for it.</summary>
    public TestProcess Start(
        IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? through = null)
    {
        WriteConfig();
        string[] run = ["run", "--config", ConfigFile];
        return through is null
            ? TestProcess.Start(Executable.Agent, run, environment)
            : TestProcess.Start(
                Executable.Agent with { Path = through[0] }, [.. through.Skip(1), Executable.Agent.Path, .. run], environment);
    }

    public void WriteConfig()
    {
        string gateway = Gateway is null ? "" : $$"""  "gateway": { "address": "{{Gateway}}"{{GatewaySettings}} }, """;
        File.WriteAllText(ConfigFile, $$"""
            {
              "vehicle": { "id": "{{VehicleId}}" },
              "spool": { "folder": "{{SpoolFolder}}"{{SpoolSettings}} },
              "sources": [ { "type": "socket", "path": "{{SocketPath}}", "whenFull": "{{WhenFull}}" }, {{Sources}} ],
              {{gateway}}
              {{Sections}}
            }
            """);
    }

    /// <summary>The recording that an agent has begun.</summary>
    public static Guid RecordingOf(TestProcess agent) => Guid.Parse(
        agent.Output.Split('\n').First(static line => line.StartsWith("recording ", StringComparison.Ordinal)).Split(' ')[1]);

    /// <summary>Stops an agent in order, and returns the figures of its last line.</summary>
    public static async Task<IReadOnlyDictionary<string, ulong>> StopAsync(TestProcess agent)
    {
        agent.Signal(TestProcess.SigTerm);
        int code = await agent.WaitForExitAsync();
        Assert.True(code == 0, $"exit code {code}\n{agent.Describe()}");
        return Figures(agent);
    }

    /// <summary>
    /// <c>accepted</c>, <c>dropped</c>, <c>delivered</c>, <c>pending</c>, ... of the line <c>stopped ...</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, ulong> Figures(TestProcess agent)
    {
        string? line = agent.Output.Split('\n').LastOrDefault(line => line.StartsWith("stopped ", StringComparison.Ordinal));
        Assert.True(line is not null, "no line 'stopped'\n" + agent.Describe());
        return line.Split(' ').Skip(2).Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => ulong.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    public void Dispose() => _folder.Dispose();
}
