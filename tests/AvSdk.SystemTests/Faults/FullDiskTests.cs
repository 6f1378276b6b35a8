using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>A real file system that is full: the agent's, and the gateway's.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int DiskBytes = 24 << 20;
    private const int BytesPerSecond = 8_000_000;
    private readonly GatewaySetup _gateway = new();
    private AgentSetup? _agent;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _agent?.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task A_full_disk_that_refuses_makes_a_source_wait_and_loses_nothing()
    {
        AgentSetup setup = Agent("refuse");
        await using LoopDisk disk = await LoopDisk.MountAsync(setup.SpoolFolder, DiskBytes);
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = source.WriteAsync(BytesPerSecond, ending.Token);

        await AgentState.WaitAsync(setup, status => AnyLane(status, "isFull"), "a lane is full");
        ulong whenFull = source.Messages;
        await using TestProcess gateway = await _gateway.StartAsync();
        await AgentState.WaitAsync(() => source.Messages > whenFull + 1_000, "recording goes on");
        await ending.CancelAsync();
        await writing;
        await source.FlushAsync();

        Assert.Equal(source.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    [Fact]
    public async Task A_disk_that_others_fill_stops_no_recording_and_loses_nothing()
    {
        AgentSetup setup = Agent("refuse", freeBytesMin: "0 B");
        await using LoopDisk disk = await LoopDisk.MountAsync(setup.SpoolFolder, DiskBytes);
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = source.WriteAsync(BytesPerSecond, ending.Token);
        await AgentState.WaitAsync(() => source.Messages > 200, "it records");

        // Again and again, since what the gateway has makes room.
        await AgentState.WaitAsync(
            setup,
            status =>
            {
                disk.Fill();
                return status.GetProperty("lastSpoolError").GetString()?.Contains("No space left", StringComparison.Ordinal) == true;
            },
            "the kernel has refused a write");
        disk.Free();
        ulong whenFree = source.Messages;
        await AgentState.WaitAsync(() => source.Messages > whenFree + 1_000, "recording goes on");
        await ending.CancelAsync();
        await writing;
        await AgentState.WaitAsync(
            setup, status => !status.GetProperty("disk").GetProperty("refuses").GetBoolean(), "the disk takes everything again");
        await source.FlushAsync();

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((source.Messages, 0UL), (figures["delivered"], figures["dropped"]));
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    [Fact]
    public async Task A_spool_on_a_disk_that_others_have_filled_empties_once_there_is_a_gateway()
    {
        AgentSetup setup = Agent("refuse", freeBytesMin: "0 B");
        await using LoopDisk disk = await LoopDisk.MountAsync(setup.SpoolFolder, DiskBytes);
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        await source.WriteRoundsAsync(150);
        await source.FlushAsync();
        disk.Fill();

        await using TestProcess gateway = await _gateway.StartAsync();
        await AgentState.WaitAsync(setup, status => Sum(status, "pending") == 0, "all is delivered");
        await AgentState.WaitAsync(() => disk.FreeBytes > 1 << 20, "what was delivered makes room");
        await source.WriteRoundsAsync(10);
        await source.FlushAsync();

        Assert.Equal(source.Messages, (await AgentSetup.StopAsync(agent))["delivered"]);
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    [Fact]
    public async Task A_full_disk_that_evicts_goes_on_recording_and_tells_what_went()
    {
        AgentSetup setup = Agent("evictOldest");
        await using LoopDisk disk = await LoopDisk.MountAsync(setup.SpoolFolder, DiskBytes);
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = source.WriteAsync(BytesPerSecond, ending.Token);

        await AgentState.WaitAsync(setup, status => Sum(status, "evicted") > 0, "something is evicted");
        disk.Fill();
        ulong whenFull = source.Messages;
        await AgentState.WaitAsync(() => source.Messages > whenFull + 1_000, "recording goes on, on a disk that is full");
        disk.Free();
        await using TestProcess gateway = await _gateway.StartAsync();
        ulong whenFree = source.Messages;
        await AgentState.WaitAsync(() => source.Messages > whenFree + 1_000, "recording goes on");
        await ending.CancelAsync();
        await writing;
        await source.FlushAsync();

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(source.Messages, figures["accepted"] + figures["dropped"]);
        Assert.Equal(figures["accepted"], figures["delivered"] + figures["evicted"]);
        Arrivals arrivals = await Arrivals.ReadAsync(_gateway, AgentSetup.Vehicle, source.Written);
        // Of a chunk that was evicted after it was sent only its receipt says that it arrived. Where that was lost with a
        // connection, the gateway alone knows.
        bool wasCut = agent.Errors.Split(": connected to ").Length > 2;
        Assert.InRange(arrivals.Messages, figures["delivered"], figures["delivered"] + (wasCut ? figures["evicted"] : 0));
        string ledger = await _gateway.LedgerAsync(AgentSetup.RecordingOf(agent));
        Assert.Contains("every message is accounted for", ledger, StringComparison.Ordinal);
        if (!wasCut)
            Assert.DoesNotContain("disagreement", ledger, StringComparison.Ordinal);
    }

    // With its index on the full disk it can take no announcement; with the packs only, no chunk.
    [Theory]
    [InlineData("", "cannot use its index")]
    [InlineData("packs", "No space left")]
    public async Task A_gateway_whose_disk_is_full_asks_to_try_again_and_takes_everything_when_there_is_room(
        string folder, string says)
    {
        AgentSetup setup = Agent("refuse");
        await using LoopDisk disk = await LoopDisk.MountAsync(Path.Combine(_gateway.DataFolder, folder), DiskBytes);
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        await source.WriteRoundsAsync(10);
        await source.FlushAsync();
        disk.Fill();

        await source.WriteRoundsAsync(50);
        await source.FlushAsync();
        await gateway.WaitForLineAsync(says);
        await AgentState.WaitAsync(setup, status => Sum(status, "pending") > 0, "something is pending");
        Assert.False(gateway.HasExited, gateway.Describe());
        disk.Free();
        await AgentState.WaitAsync(setup, status => Sum(status, "pending") == 0, "everything is delivered");
        // On the stream that there was: nobody had to come again.
        Assert.Equal(1, (await AgentState.AskAsync(setup)).GetProperty("uplink").GetProperty("attempts").GetInt64());

        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(source.Messages, figures["delivered"]);
        Assert.False(gateway.HasExited, gateway.Describe());
        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    private AgentSetup Agent(string whenFull, string freeBytesMin = "4 MiB") => _agent = new AgentSetup
    {
        Gateway = _gateway.Address,
        SpoolSettings = $", \"freeBytesMin\": \"{freeBytesMin}\"",
        Sections = NumberedTopic.Lanes($", \"whenFull\": \"{whenFull}\"")
            + """, "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "40 s" } """,
    };

    private static bool AnyLane(System.Text.Json.JsonElement status, string flag) =>
        status.GetProperty("lanes").EnumerateArray().Any(lane => lane.GetProperty(flag).GetBoolean());

    private static long Sum(System.Text.Json.JsonElement status, string count) =>
        status.GetProperty("topics").EnumerateArray().Sum(topic => topic.GetProperty(count).GetInt64());
}
