using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>The car's clock is set, by a day forth and back, while the agent runs and between its runs.</summary>
public sealed class JumpingClockTests : IDisposable
{
    private const int Rounds = 20;
    private readonly GatewaySetup _gateway = new();
    private readonly AgentSetup _agent;

    public JumpingClockTests() => _agent = new AgentSetup
    {
        Gateway = _gateway.Address,
        Sections = NumberedTopic.Lanes()
            + """, "upload": { "retryDelay": "20 ms", "retryDelayMax": "200 ms", "drainTimeout": "40 s" } """,
    };

    private string ClockFile => _agent.At("clock");

    public void Dispose()
    {
        _agent.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task Recording_ids_stay_unique_intervals_go_on_and_nothing_is_lost()
    {
        // As libfaketime reads it. The monotonic clock stays what it is: that one never jumps.
        Dictionary<string, string> environment = new()
        {
            ["LD_PRELOAD"] = RequireLibrary(),
            ["FAKETIME_TIMESTAMP_FILE"] = ClockFile,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
        await using TestProcess gateway = await _gateway.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(_agent);
        HashSet<string> recordings = [];
        foreach (int day in (int[])[0, 1, -1, 0])
        {
            SetClock(day);
            await using TestProcess agent = await _agent.StartAsync(environment);
            string line = await agent.WaitForLineAsync("recording ");
            Assert.True(recordings.Add(line.Split(' ')[1]), "twice: " + line);
            await AssertClockIsAsync(day);
            await RecordAsync(source);

            SetClock(day + 1);
            await RecordAsync(source);
            SetClock(day - 1);
            await RecordAsync(source);

            Assert.Equal(0UL, (await AgentSetup.StopAsync(agent))["pending"]);
        }

        await Arrivals.AssertAllAsync(_gateway, AgentSetup.Vehicle, source.Written);
    }

    /// <summary>Nobody asks for a flush: windows and intervals must end by themselves.</summary>
    private static async Task RecordAsync(NumberedSource source)
    {
        await source.WriteRoundsAsync(Rounds);
        await AgentState.WaitAsync(() => source.Undurable == 0, "everything is durable");
    }

    // The proof that the agent sees the other clock at all.
    private async Task AssertClockIsAsync(int day)
    {
        DateTimeOffset startedAt = (await AgentState.AskAsync(_agent)).GetProperty("startedAt").GetDateTimeOffset();
        DateTimeOffset expected = TimeProvider.System.GetUtcNow().AddDays(day);
        Assert.InRange(startedAt, expected.AddMinutes(-10), expected.AddMinutes(10));
    }

    private void SetClock(int day)
    {
        string next = ClockFile + ".next";
        File.WriteAllText(next, $"{day:+0;-0;+0}d\n");
        File.Move(next, ClockFile, overwrite: true);
    }

    private static string RequireLibrary()
    {
        InstalledTool.Require("faketime", "faketime");
        return Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).First();
    }
}
