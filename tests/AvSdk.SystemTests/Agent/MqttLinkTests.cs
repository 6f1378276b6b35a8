using System.Diagnostics;
using System.Text.Json;
using AvSdk.Ingestion;
using AvSdk.SystemTests.Faults;
using AvSdk.SystemTests.Processes;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.SystemTests.Agent;

/// <summary>Links that lead to a real broker, changed by SIGHUP while the agent records and sends.</summary>
public sealed class MqttLinkTests
{
    private const string Depot = """{ "name": "depot", "interface": "lo", "dscp": 10 }""";
    private const string Yard = """{ "name": "yard", "address": "127.0.0.0/8", "bytesPerSecond": "10 MB" }""";
    private const string Away = """{ "name": "away", "interface": "nowhere0" }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_a_broker_chunks_go_over_the_link_in_force_and_a_hang_up_that_changes_links_loses_nothing()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using GatewaySetup gateway = new() { Further = ["--mqtt", broker.Address.OriginalString, "--mqtt-name", "gw-1"] };
        await using TestProcess gatewayProcess = await gateway.StartAsync();
        await gatewayProcess.WaitForLineAsync("MQTT: takes streams of vehicles");
        using AgentSetup setup = new() { Gateway = broker.Address.OriginalString };
        setup.Sections += ", " + NumberedTopic.Lanes();
        string sections = setup.Sections;
        Order(Depot);
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        await source.WriteRoundsAsync(20);
        await source.FlushAsync();
        await WaitAsync(setup, static status => Pending(status) == 0 && Bytes(status, "depot") > 400_000, "sent over depot");

        // Another link while chunks are on their way; then none, and what is recorded waits.
        using (CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            Task writing = Task.Run(() => source.WriteAsync(500_000, enough.Token), Token);
            Reload(Yard);
            await WaitAsync(setup, static status => Bytes(status, "yard") > 500_000, "sent over yard");
            Reload(Away);
            await WaitAsync(setup, static status => Pending(status) > 3, "waiting without a link");
            Reload(Away, Yard, Depot);
            await WaitAsync(setup, static status => State(status, "yard") == "used", "yard before depot");
            await enough.CancelAsync();
            await writing;
        }

        await source.FlushAsync();
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((source.Messages, source.Messages), (figures["accepted"], figures["delivered"]));
        Assert.Equal(0UL, figures["dropped"] + figures["evicted"] + figures["damaged"]);
        await Arrivals.AssertAllAsync(gateway, AgentSetup.Vehicle, source.Written);

        void Order(params string[] links) =>
            setup.Sections = $$"""{{sections}}, "links": { "period": "200 ms", "order": [ {{string.Join(", ", links)}} ] }""";

        void Reload(params string[] links)
        {
            Order(links);
            setup.WriteConfig();
            agent.Signal(TestProcess.SigHup);
        }
    }

    private static long Pending(JsonElement status) =>
        status.GetProperty("lanes").EnumerateArray().Sum(static lane => lane.GetProperty("pendingChunks").GetInt64());

    private static long Bytes(JsonElement status, string link) => Find(status, link)?.GetProperty("bytesToday").GetInt64() ?? 0;

    private static string? State(JsonElement status, string link) => Find(status, link)?.GetProperty("state").GetString();

    private static JsonElement? Find(JsonElement status, string link)
    {
        foreach (JsonElement each in status.GetProperty("links").EnumerateArray())
        {
            if (each.GetProperty("name").GetString() == link)
                return each;
        }

        return null;
    }

    private static async Task WaitAsync(AgentSetup setup, Func<JsonElement, bool> holds, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            using JsonDocument status = JsonDocument.Parse(await AgentStatus.RequestAsync(setup.SocketAddress, Token));
            if (holds(status.RootElement))
                return;
            Assert.True(waited.Elapsed < Deadlines.Step, $"{what}: {status.RootElement}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
