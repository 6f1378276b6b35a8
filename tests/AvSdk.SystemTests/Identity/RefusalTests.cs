using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

/// <summary>
/// Every certificate that is not taken: the agent's log and status and the gateway's log say why, and the agent records.
/// </summary>
public sealed class RefusalTests
{
    private const string Sent = "Unauthenticated: The gateway refuses this connection: ";

    [Theory]
    [InlineData("expired", "expired at")]
    [InlineData("not yet valid", "is valid only from")]
    [InlineData("another authority", "was issued by CN=others")]
    [InlineData("revoked", "was revoked")]
    [InlineData("none", "no certificate was given")]
    public async Task A_vehicle_is_told_why_it_is_refused(string what, string sentence)
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using DevelopmentAuthority authority = fleet.OpenAuthority();
        using DevelopmentAuthority others = DevelopmentAuthority.Create(
            "others", DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        string tls = what switch
        {
            "expired" => fleet.Tls(Issue(authority, -48, -1)),
            "not yet valid" => fleet.Tls(Issue(authority, 1, 48)),
            "another authority" => fleet.Tls(Issue(others, -1, 1)),
            "none" => $$""" , "tls": { "authoritiesFile": "{{fleet.Certificates("ca.pem")}}" } """,
            _ => fleet.Tls("veh-1"),
        };
        if (what == "revoked")
        {
            await File.AppendAllTextAsync(fleet.RevokedFile,
                SecureFleet.SerialOf(fleet.Certificates("vehicles", "veh-1.pem")), TestContext.Current.CancellationToken);
        }

        using AgentSetup setup = fleet.Agent("veh-1", tls);
        await RefusedAsync(setup, Sent, sentence);
        await gateway.WaitForLineAsync(line =>
            line.Contains("is refused: ", StringComparison.Ordinal) && line.Contains(sentence, StringComparison.Ordinal), sentence);
    }

    [Fact]
    public async Task A_gateway_of_another_name_is_refused_and_both_ends_say_so()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using AgentSetup setup = fleet.Agent("veh-1", fleet.Tls("veh-1", """ , "serverName": "depot.example" """));

        await RefusedAsync(setup, "is not for depot.example, but for localhost", "127.0.0.1");
        await gateway.WaitForLineAsync("made a TLS connection and left without a request: it may not take the certificate CN=localhost");
    }

    [Fact]
    public async Task A_gateway_of_an_authority_that_is_not_trusted_is_refused_and_both_ends_say_so()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using DevelopmentAuthority others = DevelopmentAuthority.Create(
            "others", DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        await File.WriteAllTextAsync(
            fleet.At("others.pem"), others.ExportCertificatePem(), TestContext.Current.CancellationToken);
        string tls = fleet.Tls("veh-1").Replace(fleet.Certificates("ca.pem"), fleet.At("others.pem"), StringComparison.Ordinal);
        using AgentSetup setup = fleet.Agent("veh-1", tls);

        await RefusedAsync(setup, "The server: the certificate CN=localhost", "Trusted: CN=others");
        await gateway.WaitForLineAsync("(vehicle veh-1) made a TLS connection and left without a request");
    }

    [Fact]
    public async Task An_agent_that_is_refused_is_let_in_when_its_files_are_replaced_without_a_restart()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using DevelopmentAuthority authority = fleet.OpenAuthority();
        using AgentSetup setup = fleet.Agent("veh-1", fleet.Tls(Issue(authority, -48, -1)));
        await using TestProcess agent = await setup.StartAsync();
        await gateway.WaitForLineAsync("expired at");
        Assert.Contains("The gateway will not take this vehicle's certificate; recording goes on", agent.Errors, StringComparison.Ordinal);

        // In the order in which a pair does not fit for a while.
        fleet.Tls(Issue(authority, -1, 24));

        await gateway.WaitForLineAsync("veh-1 is connected");
        await SecureDriveTests.RecordsAsync(setup);
        Assert.Equal(10UL, (await AgentSetup.StopAsync(agent))["delivered"]);
    }

    [Fact]
    public async Task A_gateway_whose_own_certificate_expired_says_so_at_its_start()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        using DevelopmentAuthority authority = fleet.OpenAuthority();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 expired = authority.IssueServer(["127.0.0.1"], now.AddDays(-2), now.AddDays(-1));
        await File.WriteAllTextAsync(
            fleet.Certificates("gateway.pem"), expired.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            fleet.Certificates("gateway.key"), expired.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
            TestContext.Current.CancellationToken);
        await using TestProcess gateway = await fleet.StartAsync();
        await gateway.WaitForLineAsync("Nobody will take this gateway's certificate until it is replaced");

        using AgentSetup setup = fleet.Agent("veh-1");
        await RefusedAsync(setup, "The server: the certificate CN=127.0.0.1", "expired at");
    }

    internal static X509Certificate2 Issue(DevelopmentAuthority authority, double fromHours, double toHours)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return authority.Issue(new PeerIdentity(PeerKind.Vehicle, "veh-1"), now.AddHours(fromHours), now.AddHours(toHours));
    }

    /// <summary>The agent says all of it in one line and in its status, and records ten messages that stay.</summary>
    internal static async Task RefusedAsync(AgentSetup setup, params string[] sentences)
    {
        setup.Sections = """ "upload": { "drainTimeout": "100 ms" } """;
        await using TestProcess agent = await setup.StartAsync();
        await agent.WaitForLineAsync(
            line => sentences.All(sentence => line.Contains(sentence, StringComparison.Ordinal)), string.Join(" … ", sentences));
        await SecureDriveTests.RecordsAsync(setup);
        await SaysAsync(setup, sentences);
        agent.Signal(TestProcess.SigTerm);
        await agent.WaitForExitAsync();
        IReadOnlyDictionary<string, ulong> figures = AgentSetup.Figures(agent);
        Assert.Equal((10UL, 10UL, 0UL), (figures["accepted"], figures["pending"], figures["delivered"]));
    }

    // The last attempt may have ended otherwise.
    private static async Task SaysAsync(AgentSetup setup, string[] sentences)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            using JsonDocument status = JsonDocument.Parse(await SecureDriveTests.StatusAsync(setup));
            string error = status.RootElement.GetProperty("uplink").GetProperty("lastError").GetString() ?? "";
            if (sentences.All(sentence => error.Contains(sentence, StringComparison.Ordinal)))
                return;
            Assert.True(waited.Elapsed < Deadlines.Step, error);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
