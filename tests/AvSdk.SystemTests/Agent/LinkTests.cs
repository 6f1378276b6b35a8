using System.Diagnostics;
using System.Text.Json;
using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

/// <summary>The agent's links, told apart by a command that says what a file of the test says.</summary>
public sealed class LinkTests
{
    private const int Messages = 100;
    private const int MessageBytes = 20_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transfer_stops_with_a_lost_link_goes_on_at_the_next_and_nothing_is_lost()
    {
        using GatewaySetup gateway = new();
        await using TestProcess gatewayProcess = await gateway.StartAsync();
        using AgentSetup setup = new() { Gateway = gateway.Address };
        string word = setup.At("word");
        setup.Sections = $$"""
            "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "20 s" },
            "links": {
              "command": ["cat", "{{word}}"],
              "order": [
                { "name": "depot", "word": "depot", "interface": "lo", "dscp": 10 },
                { "name": "lte", "word": "lte", "bytesPerSecond": "50 KiB", "bytesPerMonth": "1 GiB" },
              ],
            }
            """;
        Say(word, "lte");
        await using TestProcess agent = await setup.StartAsync();
        await using SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token);
        RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/t", MessageEncoding = "raw" });
        byte[] payload = new byte[MessageBytes];
        for (uint number = 1; number <= Messages; number++)
        {
            new Random((int)number).NextBytes(payload);
            Assert.Equal(WriteResult.Accepted, await channel.WriteRawAsync(new MessageStamp(number, number, number), payload, Token));
        }

        await recorder.FlushAsync(Token);
        JsonElement lte = await WaitForAsync(setup, static lte => Bytes(lte) > 200_000);
        Assert.Equal("used", lte.GetProperty("state").GetString());

        // The link would take forty seconds for everything. Once it is lost, what was on its way may still be counted.
        Say(word, "no-service");
        lte = await WaitForAsync(setup, static lte => lte.GetProperty("why").GetString() == "the command says no-service");
        long lost = Bytes(lte);
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, Token);
        long stopped = Bytes(await LteAsync(setup));
        Assert.InRange(stopped - lost, 0, 100_000);
        Assert.InRange(stopped, 200_000, Messages * MessageBytes);
        await using (TestProcess shown = await TestProcess.RunAsync(Executable.Agent, "status", "--config", setup.ConfigFile))
            Assert.Contains("the command says no-service", shown.Output, StringComparison.Ordinal);

        Say(word, "depot");
        Stopwatch back = Stopwatch.StartNew();
        IReadOnlyDictionary<string, ulong> figures;
        JsonElement status;
        do
        {
            Assert.True(back.Elapsed < Deadlines.Step, agent.Describe());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
            status = await StatusAsync(setup);
        }
        while (status.GetProperty("lanes").EnumerateArray().Any(static lane => lane.GetProperty("pendingChunks").GetInt64() > 0));
        JsonElement depot = status.GetProperty("links")[0];
        Assert.Equal("used", depot.GetProperty("state").GetString());
        Assert.InRange(depot.GetProperty("bytesToday").GetInt64(), (Messages * MessageBytes) - stopped, long.MaxValue);
        Assert.Equal(stopped, Bytes(status.GetProperty("links")[1]));

        figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(((ulong)Messages, 0UL, (ulong)Messages), (figures["accepted"], figures["dropped"], figures["delivered"]));
        Assert.Equal((ulong)Messages, await gateway.CountAsync(AgentSetup.Vehicle));
    }

    // Whole or not at all: the command may read at any time.
    private static void Say(string file, string word)
    {
        File.WriteAllText(file + ".new", word + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    private static long Bytes(JsonElement link) => link.GetProperty("bytesToday").GetInt64();

    private static async Task<JsonElement> WaitForAsync(AgentSetup setup, Func<JsonElement, bool> holds)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            JsonElement lte = await LteAsync(setup);
            if (holds(lte))
                return lte;
            Assert.True(waited.Elapsed < Deadlines.Step, lte.ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }

    private static async Task<JsonElement> LteAsync(AgentSetup setup) => (await StatusAsync(setup)).GetProperty("links")[1];

    private static async Task<JsonElement> StatusAsync(AgentSetup setup)
    {
        using JsonDocument status = JsonDocument.Parse(await AgentStatus.RequestAsync(setup.SocketAddress, Token));
        return status.RootElement.Clone();
    }
}
