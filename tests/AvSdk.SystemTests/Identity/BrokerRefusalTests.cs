using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Gateway.Identity;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Identity;

/// <summary>Every certificate that a broker or a vehicle does not take: the agent says why, and records.</summary>
public sealed class BrokerRefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("expired", "The broker does not take the certificate CN=veh-1", "certificate expired")]
    [InlineData("not yet valid", "The broker does not take the certificate CN=veh-1", "TLS alert: ")]
    [InlineData("another authority", "The broker does not take the certificate CN=veh-1", "unknown ca")]
    [InlineData("revoked", "The broker does not take the certificate CN=veh-1", "certificate revoked")]
    [InlineData("none", "The broker wants a certificate of this vehicle, and none is configured", "certificate required")]
    public async Task A_vehicle_is_told_why_a_broker_refuses_it(string what, string sentence, string alert)
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1", isStarted: false);
        SecureFleet fleet = broker.Fleet;
        using DevelopmentAuthority authority = fleet.OpenAuthority();
        using DevelopmentAuthority others = Others();
        string tls = what switch
        {
            "expired" => fleet.Tls(RefusalTests.Issue(authority, -48, -1)),
            "not yet valid" => fleet.Tls(RefusalTests.Issue(authority, 1, 48)),
            "another authority" => fleet.Tls(RefusalTests.Issue(others, -1, 1)),
            "none" => $$""" , "tls": { "authoritiesFile": "{{fleet.Certificates("ca.pem")}}" } """,
            _ => fleet.Tls("veh-1"),
        };
        if (what == "revoked")
            broker.Revoke(SecureFleet.SerialOf(fleet.Certificates("vehicles", "veh-1.pem")));
        await broker.StartBrokerAsync();

        using AgentSetup setup = broker.Agent("veh-1", tls);
        await RefusalTests.RefusedAsync(setup, sentence, alert);
    }

    [Fact]
    public async Task A_broker_of_another_name_is_refused()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        using AgentSetup setup = broker.Agent("veh-1", broker.Fleet.Tls("veh-1", """ , "serverName": "depot.example" """));
        await RefusalTests.RefusedAsync(setup, "The server: the certificate CN=localhost", "is not for depot.example, but for localhost");
    }

    [Fact]
    public async Task A_broker_of_an_authority_that_is_not_trusted_is_refused()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        using DevelopmentAuthority others = Others();
        string file = broker.Fleet.At("others.pem");
        await File.WriteAllTextAsync(file, others.ExportCertificatePem(), Token);
        string tls = broker.Fleet.Tls("veh-1").Replace(broker.Fleet.Certificates("ca.pem"), file, StringComparison.Ordinal);
        using AgentSetup setup = broker.Agent("veh-1", tls);
        await RefusalTests.RefusedAsync(setup, "The server: the certificate CN=localhost", "Trusted: CN=others");
    }

    [Fact]
    public async Task A_broker_whose_certificate_expired_is_refused()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1", isStarted: false);
        using DevelopmentAuthority authority = broker.Fleet.OpenAuthority();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 expired = authority.IssueServer(["127.0.0.1"], now.AddDays(-2), now.AddDays(-1));
        await File.WriteAllTextAsync(broker.Fleet.Certificates("gateway.pem"), expired.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(
            broker.Fleet.Certificates("gateway.key"), expired.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Token);
        await broker.StartBrokerAsync();
        using AgentSetup setup = broker.Agent("veh-1");
        await RefusalTests.RefusedAsync(setup, "The server: the certificate CN=127.0.0.1", "expired at");
    }

    [Fact]
    public async Task A_vehicle_whose_certificate_is_another_s_to_the_broker_is_refused_and_names_both()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        using X509Certificate2 mixed = Mixed(broker.Fleet, "veh-9", "urn:av:vehicle:veh-1");
        using AgentSetup setup = broker.Agent("veh-1", broker.Fleet.Tls(mixed));
        await RefusalTests.RefusedAsync(
            setup, "The broker does not let this vehicle publish to av/v1/v/veh-1/open (NotAuthorized)",
            "It knows the vehicle by the certificate CN=veh-9", "that must be veh-1's");
    }

    [Fact]
    public async Task An_agent_with_the_certificate_of_another_vehicle_does_not_start()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1", isStarted: false);
        await broker.Fleet.DevCertsAsync("--vehicle", "veh-2");
        using AgentSetup setup = broker.Agent("veh-1", broker.Fleet.Tls("veh-2"));
        await using TestProcess agent = setup.Start();
        Assert.Equal(2, await agent.WaitForExitAsync());
        Assert.Contains("It is the certificate of vehicle veh-2, and vehicle.id is veh-1", agent.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_the_broker_refuses_says_why_and_goes_on_over_grpc()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1", isStarted: false);
        broker.Revoke(SecureFleet.SerialOf(broker.Fleet.Certificates("clients", "avgateway-depot.pem")));
        await broker.StartBrokerAsync();
        await using TestProcess gateway = await broker.Gateway.StartAsync();
        await gateway.WaitForLineAsync(
            line => line.Contains("MQTT: no connection to " + broker.Address, StringComparison.Ordinal)
                && line.Contains("alert certificate revoked", StringComparison.Ordinal),
            "why there is no connection");
        Assert.Equal(0UL, await broker.Gateway.CountAsync("veh-1"));
    }

    private static DevelopmentAuthority Others() => DevelopmentAuthority.Create(
        "others", DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));

    // What an authority may issue by mistake: a gateway goes by the URI, a broker by the common name.
    private static X509Certificate2 Mixed(SecureFleet fleet, string commonName, string uri)
    {
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(
            File.ReadAllText(fleet.Certificates("ca.pem")), File.ReadAllText(fleet.Certificates("ca.key")));
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={commonName}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 signed = request.Create(
            authority, now.AddMinutes(-5), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
