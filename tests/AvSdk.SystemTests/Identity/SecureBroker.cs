using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Mqtt;
using AvSdk.SystemTests.Processes;
using AvSdk.Tests.Mqtt.Interop;

namespace AvSdk.SystemTests.Identity;

/// <summary>
/// A broker that knows everybody by the certificates of <c>avgateway dev-certs</c> and has the access rules of
/// <c>protos/av/v1/mqtt.md</c>, as they stand there; a gateway behind it, and agents that lead to it.
/// </summary>
internal sealed class SecureBroker : IAsyncDisposable
{
    // Of the rules in mqtt.md.
    private const string GatewayName = "depot";
    private const string GatewayUser = "avgateway-depot";

    private readonly List<string> _revoked = [];
    private Mosquitto? _broker;

    private SecureBroker(SecureFleet fleet)
    {
        Fleet = fleet;
        Gateway = new GatewaySetup { Further = ["--config", fleet.At("gateway.json")] };
    }

    public SecureFleet Fleet { get; }

    public GatewaySetup Gateway { get; }

    public Mosquitto Broker => _broker!;

    public int Port { get; } = FreePort.Take();

    public string Address => string.Create(CultureInfo.InvariantCulture, $"mqtts://127.0.0.1:{Port}");

    /// <summary>With the broker running, unless it is to be started later.</summary>
    public static async Task<SecureBroker> CreateAsync(string vehicle, bool isStarted = true)
    {
        SecureBroker made = new(await SecureFleet.CreateAsync(vehicle));
        SecureFleet fleet = made.Fleet;
        await fleet.DevCertsAsync("--client", GatewayUser);
        await File.WriteAllTextAsync(
            fleet.At("gateway.json"),
            $$"""
            {
              "mqtt": {
                "address": "{{made.Address}}", "name": "{{GatewayName}}",
                "certificateFile": "{{fleet.Certificates("clients", GatewayUser + ".pem")}}",
                "keyFile": "{{fleet.Certificates("clients", GatewayUser + ".key")}}",
                "authoritiesFile": "{{fleet.Certificates("ca.pem")}}"
              }
            }
            """, TestContext.Current.CancellationToken);
        made.Revoke();
        if (isStarted)
            await made.StartBrokerAsync();
        return made;
    }

    public async Task StartBrokerAsync() => _broker = await Mosquitto.StartAsync(broker =>
    {
        File.WriteAllText(Path.Combine(broker.Folder, "acl"), DocumentedRules());
        return $"""
            acl_file {broker.Folder}/acl
            listener {Port} 127.0.0.1
            cafile {Fleet.Certificates("ca.pem")}
            certfile {Fleet.Certificates("gateway.pem")}
            keyfile {Fleet.Certificates("gateway.key")}
            crlfile {Fleet.At("revoked.crl")}
            require_certificate true
            use_identity_as_username true
            """;
    });

    /// <summary>Starts the gateway, and returns when it takes streams from the broker.</summary>
    public async Task<TestProcess> StartGatewayAsync()
    {
        TestProcess gateway = await Gateway.StartAsync();
        await gateway.WaitForLineAsync("MQTT: takes streams of vehicles");
        return gateway;
    }

    public AgentSetup Agent(string vehicle, string? tls = null) => new()
    {
        VehicleId = vehicle,
        Gateway = Address,
        GatewaySettings = tls ?? Fleet.Tls(vehicle),
    };

    /// <summary>Connects as the vehicle whose certificate it is, whatever it then does.</summary>
    public async Task<MqttClient> ConnectAsync(X509Certificate2 certificate, string clientId)
    {
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(
            await File.ReadAllTextAsync(Fleet.Certificates("ca.pem"), TestContext.Current.CancellationToken));
        MqttClientOptions options = new()
        {
            Address = new Uri(Address),
            ClientId = clientId,
            Tls = AvCredentials.FromCertificates(certificate, [authority])
                .CreateTls("127.0.0.1", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance),
        };
        return await MqttClient.ConnectAsync(options, TestContext.Current.CancellationToken);
    }

    /// <summary>Puts serial numbers on the broker's list, which it reads when it starts.</summary>
    public void Revoke(params string[] serials)
    {
        _revoked.AddRange(serials);
        CertificateRevocationListBuilder list = new();
        foreach (string serial in _revoked)
            list.AddEntry(Convert.FromHexString(serial));
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(
            File.ReadAllText(Fleet.Certificates("ca.pem")), File.ReadAllText(Fleet.Certificates("ca.key")));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] signed = list.Build(
            authority, _revoked.Count, now.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: now.AddMinutes(-30));
        File.WriteAllText(Fleet.At("revoked.crl"), PemEncoding.WriteString("X509 CRL", signed));
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        Gateway.Dispose();
        Fleet.Dispose();
    }

    private static string DocumentedRules()
    {
        string document = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "protos", "av", "v1", "mqtt.md"));
        string rules = document.Split("```").Single(
            block => block.TrimStart().StartsWith("pattern write", StringComparison.Ordinal));
        Assert.Contains("user " + GatewayUser, rules, StringComparison.Ordinal);
        return rules;
    }
}
