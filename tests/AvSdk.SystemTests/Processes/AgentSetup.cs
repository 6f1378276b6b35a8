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

    /// <summary>Null: no gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>Sources as JSON objects, beside the socket.</summary>
    public string Sources { get; init; } = "";

    /// <summary>What the socket does when there is no room: <c>wait</c> or <c>drop</c>.</summary>
    public string WhenFull { get; init; } = "wait";

    /// <summary>Further sections, as JSON members.</summary>
    public string Sections { get; init; } = """ "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "20 s" } """;

    public string At(string name) => _folder.At(name);

    /// <summary>Starts the agent and returns when it records.</summary>
    public async Task<TestProcess> StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        WriteConfig();
        TestProcess agent = TestProcess.Start(Executable.Agent, ["run", "--config", ConfigFile], environment);
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

    public void WriteConfig()
    {
        string gateway = Gateway is null ? "" : $$"""  "gateway": { "address": "{{Gateway}}" }, """;
        File.WriteAllText(ConfigFile, $$"""
            {
              "vehicle": { "id": "{{Vehicle}}" },
              "spool": { "folder": "{{SpoolFolder}}" },
              "sources": [ { "type": "socket", "path": "{{SocketPath}}", "whenFull": "{{WhenFull}}" }, {{Sources}} ],
              {{gateway}}
              {{Sections}}
            }
            """);
    }

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
