using System.Text.Json;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>The kernel refuses the agent's writes and flushes: strace answers them in its place.</summary>
public sealed class DiskErrorTests : IDisposable
{
    private const int Rounds = 30;
    private readonly string _strace = InstalledTool.Require("strace", "strace");
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;

    public DiskErrorTests() => _agent = new AgentSetup
    {
        Gateway = _gateway.Address,
        Sections = NumberedTopic.Lanes()
            + """, "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "40 s" } """,
    };

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    // A call is counted by thread, and the agent's threads share them: what fails is never twice the same, and now and then
    // all attempts at a chunk do. Then it is held in memory, and the flush that waited for it says so.
    [Theory]
    [InlineData("fdatasync,fsync", "EIO", "Input/output error", "4+6")]
    [InlineData("fdatasync,fsync", "ENOSPC", "No space left", "4+6")]
    [InlineData("pwrite64", "EIO", "Input/output error", "4+3")]
    [InlineData("pwrite64", "ENOSPC", "No space left", "4+3")]
    public async Task Errors_now_and_then_stop_nothing_and_lose_nothing(string calls, string error, string text, string when)
    {
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync(
            through:
            [
                _strace, "-D", "-f", "-qq", "--seccomp-bpf", "-o", _agent.At("strace"), "-e", $"trace={calls}",
                "-e", $"inject={calls}:error={error}:when={when}",
            ]);
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent);

        for (int round = 0; round < Rounds; round++)
        {
            await source.WriteRoundsAsync(1);
            await FlushAsync(source);
        }

        await AssertErrorIsShownAsync(text);
        await AssertNothingIsLostAsync(agent, source);
    }

    [Theory]
    [InlineData("fdatasync,fsync", "EIO", "Input/output error")]
    [InlineData("pwrite64", "ENOSPC", "No space left")]
    public async Task A_disk_that_refuses_everything_for_a_while_stops_nothing_and_loses_nothing(
        string calls, string error, string text)
    {
        InstalledTool.RequireRoot("attaching strace to a process");
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        // Memory for all of it: while nothing becomes durable there is no other place.
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent, memoryBytesMax: 16 << 20);
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();
        await using (TestProcess strace = TestProcess.Start(
            new Executable(_strace, "installed", new Dictionary<string, string>()),
            ["-f", "-p", $"{agent.Id}", "-o", _agent.At("strace"), "-e", $"trace={calls}", "-e", $"inject={calls}:error={error}"]))
        {
            await strace.WaitForLineAsync("attached");
            await source.WriteRoundsAsync(Rounds);
            RecorderException refused = await Assert.ThrowsAsync<RecorderException>(source.FlushAsync);
            Assert.Contains("held in memory", refused.Message, StringComparison.Ordinal);
            await AssertErrorIsShownAsync(text);
            await AgentState.WaitAsync(_agent, status => Refuses(status) && HeldChunks(status) > 1, "it holds chunks in memory");
            strace.Signal(TestProcess.SigTerm);
            await strace.WaitForExitAsync();
        }

        await AgentState.WaitAsync(_agent, static status => !Refuses(status), "the disk is back");
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();
        await AssertNothingIsLostAsync(agent, source);
    }

    private static bool Refuses(JsonElement status) => status.GetProperty("disk").GetProperty("refuses").GetBoolean();

    private static long HeldChunks(JsonElement status) => status.GetProperty("disk").GetProperty("heldChunks").GetInt64();

    private async Task AssertErrorIsShownAsync(string text)
    {
        string? shown = (await AgentState.AskAsync(_agent)).GetProperty("lastSpoolError").GetString();
        Assert.Contains(text, shown ?? "no error", StringComparison.Ordinal);
    }

    /// <summary>A flush may fail here, but only by saying so.</summary>
    private static async Task FlushAsync(NumberedSource source)
    {
        try
        {
            await source.FlushAsync();
        }
        catch (RecorderException)
        {
            // Told: it is held in memory for now.
        }
    }

    private async Task AssertNothingIsLostAsync(TestProcess agent, NumberedSource source)
    {
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Arrivals arrivals = await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
        TestContext.Current.TestOutputHelper?.WriteLine($"{source.Messages} written; {arrivals}");
        Assert.Equal((source.Messages, 0UL), (figures["accepted"], figures["dropped"]));
        Assert.Equal(source.Messages, figures["delivered"]);
    }
}
