using System.Text.Json;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>The spool's disk is read-only when the agent starts, or is unmounted below it.</summary>
public sealed class AwayDiskTests : IDisposable
{
    private const int DiskBytes = 24 << 20;
    private const int Rounds = 40;
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;

    public AwayDiskTests() => _agent = new AgentSetup
    {
        Gateway = _gateway.Address,
        SpoolSettings = ", \"freeBytesMin\": \"1 MiB\"",
        Sections = NumberedTopic.Lanes()
            + """, "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "40 s" } """,
    };

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task An_agent_that_starts_on_a_read_only_disk_records_in_memory_and_goes_to_the_disk_when_it_may()
    {
        await using LoopDisk disk = await LoopDisk.MountAsync(_agent.SpoolFolder, DiskBytes);
        await disk.RemountAsync("ro");
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent, memoryBytesMax: 16 << 20);
        await source.WriteRoundsAsync(Rounds);
        JsonElement status = await AgentState.WaitAsync(
            _agent, status => Refuses(status) && HeldChunks(status) > 0, "it holds chunks in memory");
        Assert.Contains("Read-only file system", status.GetProperty("lastSpoolError").GetString(), StringComparison.Ordinal);

        await disk.RemountAsync("rw");
        await AssertAllArrivesAsync(agent, source);
    }

    [Fact]
    public async Task A_disk_that_is_unmounted_below_the_agent_is_waited_for_and_nothing_goes_to_its_mount_point()
    {
        await using LoopDisk disk = await LoopDisk.MountAsync(_agent.SpoolFolder, DiskBytes);
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent, memoryBytesMax: 16 << 20);
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();

        await disk.UnmountAsync();
        await AgentState.WaitAsync(_agent, Refuses, "the alarm");
        // A segment that is open takes what comes, and is sealed when it is long enough: what comes then is to begin a new one.
        await source.WriteRoundsAsync(Rounds);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        await source.WriteRoundsAsync(Rounds);
        await AgentState.WaitAsync(_agent, status => HeldChunks(status) > 0, "it holds chunks in memory");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agent.SpoolFolder));

        await disk.MountAgainAsync();
        await AssertAllArrivesAsync(agent, source);
    }

    private static bool Refuses(JsonElement status) => status.GetProperty("disk").GetProperty("refuses").GetBoolean();

    private static long HeldChunks(JsonElement status) => status.GetProperty("disk").GetProperty("heldChunks").GetInt64();

    private async Task AssertAllArrivesAsync(TestProcess agent, NumberedSource source)
    {
        await AgentState.WaitAsync(_agent, static status => !Refuses(status), "the disk is back");
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
        Assert.Equal((source.Messages, 0UL), (figures["delivered"], figures["dropped"]));
    }
}
