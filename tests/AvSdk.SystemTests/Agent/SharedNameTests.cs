using System.Globalization;
using AvSdk.SystemTests.Identity;
using AvSdk.SystemTests.Processes;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.SystemTests.Agent;

/// <summary>Two agents that were given one name, over a real broker, which keeps one connection by each.</summary>
public sealed class SharedNameTests
{
    private const string Told = "Another client has connected to the broker as veh-test";
    private const string Delay = "Next attempt in ";

    [Fact]
    public async Task Both_name_the_remedy_and_wait_long_and_when_one_is_stopped_the_other_delivers()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using GatewaySetup gateway = new() { Further = ["--mqtt", broker.Address.OriginalString, "--mqtt-name", "gw-1"] };
        await using TestProcess gatewayProcess = await gateway.StartAsync();
        await gatewayProcess.WaitForLineAsync("MQTT: takes streams of vehicles");
        using AgentSetup one = NewAgent(broker);
        using AgentSetup other = NewAgent(broker);
        await using TestProcess first = await one.StartAsync();
        await using TestProcess second = await other.StartAsync();
        foreach (TestProcess agent in new[] { first, second })
        {
            string line = await agent.WaitForLineAsync(
                line => line.Contains(Told, StringComparison.Ordinal) && line.Contains(Delay, StringComparison.Ordinal), Told);
            Assert.Contains("Give each vehicle a name and certificate of its own, or stop the other", line, StringComparison.Ordinal);
            int at = line.IndexOf(Delay, StringComparison.Ordinal);
            Assert.True(at > 0, line);
            TimeSpan delay = TimeSpan.Parse(line[(at + Delay.Length)..].TrimEnd('.'), CultureInfo.InvariantCulture);
            Assert.True(delay >= TimeSpan.FromSeconds(2), line);
        }

        await second.KillAsync();
        await SecureDriveTests.RecordsAsync(one);
        Assert.Equal(10UL, (await AgentSetup.StopAsync(first))["delivered"]);
    }

    private static AgentSetup NewAgent(Mosquitto broker) => new()
    {
        Gateway = broker.Address.OriginalString,
        Sections = """ "upload": { "retryDelay": "50 ms", "retryDelayMax": "4 s", "drainTimeout": "40 s" } """,
    };
}
