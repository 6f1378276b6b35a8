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
    // all attempts at a chunk do.
    [Theory]
    [InlineData("fdatasync,fsync", "EIO", "Input/output error")]
    [InlineData("fdatasync,fsync", "ENOSPC", "No space left")]
    [InlineData("pwrite64", "EIO", "Input/output error")]
    [InlineData("pwrite64", "ENOSPC", "No space left")]
    public async Task Errors_now_and_then_stop_nothing_and_what_they_cost_is_counted(string calls, string error, string text)
    {
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync(
            through:
            [
                _strace, "-D", "-f", "-qq", "--seccomp-bpf", "-o", _agent.At("strace"), "-e", $"trace={calls}",
                "-e", $"inject={calls}:error={error}:when=5+13",
            ]);
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent);

        for (int round = 0; round < Rounds; round++)
        {
            await source.WriteRoundsAsync(1);
            await FlushAsync(source);
        }

        await AssertErrorIsShownAsync(text);
        await AssertAllIsAccountedForAsync(agent, source);
    }

    [Theory]
    [InlineData("fdatasync,fsync", "EIO", "Input/output error")]
    [InlineData("pwrite64", "ENOSPC", "No space left")]
    public async Task A_disk_that_refuses_everything_for_a_while_stops_nothing_and_what_it_cost_is_counted(
        string calls, string error, string text)
    {
        InstalledTool.RequireRoot("attaching strace to a process");
        await using TestProcess gateway = await _gateway.StartAsync();
        await using TestProcess agent = await _agent.StartAsync();
        // Memory for all of it: while nothing becomes durable there is no other place.
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent, memoryBytesMax: 16 << 20);
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();
        Dictionary<string, uint> before = new(source.Written);

        await using (TestProcess strace = TestProcess.Start(
            new Executable(_strace, "installed", new Dictionary<string, string>()),
            ["-f", "-p", $"{agent.Id}", "-o", _agent.At("strace"), "-e", $"trace={calls}", "-e", $"inject={calls}:error={error}"]))
        {
            await strace.WaitForLineAsync("attached");
            await source.WriteRoundsAsync(Rounds);
            await FlushAsync(source);
            await AssertErrorIsShownAsync(text);
            strace.Signal(TestProcess.SigTerm);
            await strace.WaitForExitAsync();
        }

        // A flush that was under way may still have to tell of what was lost.
        await FlushAsync(source);
        Dictionary<string, uint> after = new(source.Written);
        await source.WriteRoundsAsync(Rounds);
        await source.FlushAsync();
        Arrivals arrivals = await AssertAllIsAccountedForAsync(agent, source);

        foreach ((string topic, List<(uint First, uint Last)> ranges) in arrivals.MissingRanges)
            Assert.All(ranges, range => Assert.True(range.First > before[topic] && range.Last <= after[topic], arrivals.ToString()));
    }

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
            // Told: the ledger must have it as dropped.
        }
    }

    private async Task<Arrivals> AssertAllIsAccountedForAsync(TestProcess agent, NumberedSource source)
    {
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Arrivals arrivals = await Arrivals.ReadAsync(_gateway, AgentSetup.Vehicle, source.Written);

        TestContext.Current.TestOutputHelper?.WriteLine($"{source.Messages} written; {arrivals}");
        // What it was not told is lost for certain only where the flush said so; all that it was told is there or counted.
        Assert.InRange(source.Undurable, 0UL, arrivals.Missing);
        Assert.Equal(source.Messages, figures["accepted"] + figures["dropped"]);
        Assert.Equal(figures["accepted"], figures["delivered"]);
        Assert.Equal(figures["delivered"], arrivals.Messages);
        Assert.Equal(figures["dropped"], arrivals.Missing);
        return arrivals;
    }
}
