using System.Security.Cryptography.X509Certificates;
using AvSdk.Gateway.Identity;
using AvSdk.SystemTests.Network;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

/// <summary>
/// A network's login page in place of a gateway or broker that is known by its certificate: the agent says what answers, keeps
/// what it records, and delivers when the real one is there.
/// </summary>
public sealed class LoginPageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_place_of_a_gateway_it_is_named_and_costs_nothing(bool hasTls)
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        using AgentSetup setup = fleet.Agent("veh-1");
        await using TestProcess agent = await MeetsThePageAsync(setup, fleet.Port, hasTls);
        await using TestProcess gateway = await fleet.StartAsync();
        await DeliversAsync(agent, gateway);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_place_of_a_broker_it_is_named_and_costs_nothing(bool hasTls)
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1", isStarted: false);
        using AgentSetup setup = broker.Agent("veh-1");
        await using TestProcess agent = await MeetsThePageAsync(setup, broker.Port, hasTls);
        await broker.StartBrokerAsync();
        await using TestProcess gateway = await broker.StartGatewayAsync();
        await DeliversAsync(agent, gateway);
    }

    private static async Task<TestProcess> MeetsThePageAsync(AgentSetup setup, int port, bool hasTls)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using DevelopmentAuthority network = DevelopmentAuthority.Create("guest network", now.AddHours(-1), now.AddDays(1));
        using X509Certificate2 own = network.IssueServer(["127.0.0.1"], now.AddMinutes(-30), now.AddHours(1));
        await using LoginPage page = LoginPage.OnLoopback(port, hasTls ? own : null);
        TestProcess agent = await setup.StartAsync();
        try
        {
            string[] sentences = hasTls
                ? ["The server: the certificate CN=127.0.0.1", "issued by CN=guest network", "A login page of the network"]
                : ["What answers does not speak TLS: a login page of the network"];
            await agent.WaitForLineAsync(
                line => sentences.All(sentence => line.Contains(sentence, StringComparison.Ordinal)), string.Join(" … ", sentences));
            await SecureDriveTests.RecordsAsync(setup);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    private static async Task DeliversAsync(TestProcess agent, TestProcess gateway)
    {
        await gateway.WaitForLineAsync("veh-1 is connected");
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((10UL, 10UL), (figures["accepted"], figures["delivered"]));
    }
}
