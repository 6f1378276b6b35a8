using System.Diagnostics;
using System.Text.Json;
using AvSdk.Ingestion;
using AvSdk.Mqtt;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.SystemTests.Agent;

/// <summary>A dashboard at a real broker, and the links of a real agent that goes home, roams, and comes back.</summary>
public sealed class LiveOverLinksTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Samples_go_over_the_links_that_carry_them_alone_and_are_counted()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        // By its name, as in a car.
        string address = $"mqtt://localhost:{broker.Port}";
        using GatewaySetup gateway = new() { Further = ["--mqtt", address, "--mqtt-name", "gw-1"] };
        await using TestProcess gatewayProcess = await gateway.StartAsync();
        using AgentSetup setup = new() { Gateway = address };
        string word = setup.At("word");
        setup.Sections = $$"""
            "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "20 s" },
            "live": [ { "topics": "/gnss", "rateMax": 100 } ],
            "links": {
              "command": ["cat", "{{word}}"],
              "order": [
                { "name": "depot", "word": "depot" },
                { "name": "lte", "word": "lte", "bytesPerDay": "1 GB", "live": true },
                { "name": "roaming", "word": "lte-roaming", "bytesPerDay": "1 GB" },
              ],
            }
            """;
        Say(word, "lte");
        await using TestProcess agent = await setup.StartAsync();
        await using MqttClient dashboard = await MqttClient.ConnectAsync(
            new MqttClientOptions { Address = broker.Address, ClientId = "dashboard" }, Token);
        await dashboard.SubscribeAsync($"av/v1/v/{AgentSetup.Vehicle}/live/#", MqttQos.AtMostOnce, Token);
        using CancellationTokenSource arrived = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task driving = DriveAsync(setup, arrived.Token);

        JsonElement status = await WaitAsync(setup, agent, static status => Published(status) >= 10);
        Assert.True(Spent(status, "lte") >= 10 * 100, status.ToString());
        using (MqttMessage shown = (await dashboard.Messages.ReadAsync(Token))!)
            Assert.Equal($"av/v1/v/{AgentSetup.Vehicle}/live/gnss", shown.Topic);

        Say(word, "lte-roaming");
        status = await WaitAsync(setup, agent, static status => IsUsed(status, "roaming") && Withheld(status) > 0);
        (long published, long withheld, long spent) = (Published(status), Withheld(status), Spent(status, "lte"));
        status = await WaitAsync(setup, agent, status => Withheld(status) >= withheld + 10);
        Assert.Equal((published, spent), (Published(status), Spent(status, "lte")));
        await using (TestProcess shown = await TestProcess.RunAsync(Executable.Agent, "status", "--config", setup.ConfigFile))
            Assert.Contains($"live       {published} samples published", shown.Output, StringComparison.Ordinal);

        Say(word, "depot");
        status = await WaitAsync(setup, agent, status => Published(status) >= published + 10);
        Assert.Equal(spent, Spent(status, "lte"));
        Assert.True(Spent(status, "depot") >= 10 * 100, status.ToString());
        await arrived.CancelAsync();
        await driving;
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((0UL, figures["accepted"]), (figures["dropped"], figures["delivered"]));
    }

    private static async Task DriveAsync(AgentSetup setup, CancellationToken arrived)
    {
        await using SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token);
        RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/gnss", MessageEncoding = "raw" });
        byte[] payload = new byte[40];
        for (uint number = 1; !arrived.IsCancellationRequested; number++)
        {
            Assert.Equal(WriteResult.Accepted, await channel.WriteRawAsync(new MessageStamp(number, number, number), payload, Token));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        await recorder.FlushAsync(Token);
    }

    // Whole or not at all: the command may read at any time.
    private static void Say(string file, string word)
    {
        File.WriteAllText(file + ".new", word + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    private static async Task<JsonElement> WaitAsync(AgentSetup setup, TestProcess agent, Func<JsonElement, bool> holds)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            using JsonDocument status = JsonDocument.Parse(await AgentStatus.RequestAsync(setup.SocketAddress, Token));
            if (holds(status.RootElement))
                return status.RootElement.Clone();
            Assert.True(waited.Elapsed < Deadlines.Step, $"{status.RootElement}\n{agent.Describe()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }

    private static long Published(JsonElement status) => status.GetProperty("live").GetProperty("published").GetInt64();

    private static long Withheld(JsonElement status) => status.GetProperty("live").GetProperty("withheld").GetInt64();

    private static long Spent(JsonElement status, string link) => Link(status, link).GetProperty("bytesToday").GetInt64();

    private static bool IsUsed(JsonElement status, string link) => Link(status, link).GetProperty("state").GetString() == "used";

    private static JsonElement Link(JsonElement status, string name) =>
        status.GetProperty("links").EnumerateArray().Single(link => link.GetProperty("name").GetString() == name);
}
