using System.Globalization;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>An agent in a control group that the kernel ends when it takes more memory.</summary>
public sealed class MemoryLimitTests(ITestOutputHelper output) : IDisposable
{
    private const long BytesMax = 64 << 20;
    private const int BytesPerSecond = 4_000_000;
    private const string Groups = "/sys/fs/cgroup/memory";
    private readonly GatewaySetup _gateway = new();
    private readonly string _group = Path.Combine(Groups, $"avsdk-{Environment.ProcessId}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gateway.Dispose();
        if (Directory.Exists(_group))
            Directory.Delete(_group);
    }

    [Fact]
    public async Task Four_megabytes_a_second_are_recorded_and_sent_within_64_MiB()
    {
        if (Executable.Agent.Kind != "published")
            Assert.Skip("the limit is that of the agent compiled ahead of time: set AVSDK_AGENT");
        MakeGroup();
        using AgentSetup setup = new()
        {
            Gateway = _gateway.Address,
            Sections = NumberedTopic.Lanes() + """
                , "recorder": { "memoryBytesMax": "24 MiB", "messageBytesMax": "1 MiB" },
                "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "40 s" }
                """,
        };
        await using TestProcess agent = await setup.StartAsync(
            through: ["/bin/sh", "-c", $"echo $$ > {_group}/cgroup.procs && exec \"$0\" \"$@\""]);
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup, memoryBytesMax: 8 << 20);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = Task.Run(() => source.WriteAsync(BytesPerSecond, ending.Token), Token);

        // First with nobody to send to, then with a backlog to send.
        await AgentState.WaitAsync(() => source.Bytes > 5L * BytesPerSecond, "five seconds are written");
        await using TestProcess gateway = await _gateway.StartAsync();
        await AgentState.WaitAsync(() => source.Bytes > 10L * BytesPerSecond, "ten seconds are written");
        await ending.CancelAsync();
        await writing;
        await source.FlushAsync();
        long residentMax = ResidentBytesMax(agent.Id);
        output.WriteLine(
            $"{source.Bytes} bytes in {source.Messages} messages; resident at most {residentMax >> 10} KiB; "
            + $"the group at most {ReadGroup("memory.max_usage_in_bytes") >> 10} KiB with its page cache");

        Assert.Equal(source.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        Assert.InRange(residentMax, 1, BytesMax);
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    private void MakeGroup()
    {
        InstalledTool.RequireRoot("a control group");
        if (!File.Exists(Path.Combine(Groups, "memory.limit_in_bytes")))
            Assert.Skip($"no control groups of version 1 at {Groups}");
        try
        {
            Directory.CreateDirectory(_group);
            File.WriteAllText(
                Path.Combine(_group, "memory.limit_in_bytes"), BytesMax.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"no control group can be made: {exception.Message}");
        }
    }

    private long ReadGroup(string name) =>
        long.Parse(File.ReadAllText(Path.Combine(_group, name)), CultureInfo.InvariantCulture);

    private static long ResidentBytesMax(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }
}
