using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Gateway.Identity;
using AvSdk.SystemTests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.SystemTests.Identity;

/// <summary>
/// What <c>avgateway dev-certs</c> made, a gateway that trusts it, and certificates that it would not make.
/// </summary>
internal sealed class SecureFleet : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string At(params string[] relative) => _folder.At(relative);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Port}");

    /// <summary>The gateway's.</summary>
    public int Port { get; } = FreePort.Take();

    public string RevokedFile => Certificates("revoked.txt");

    public static async Task<SecureFleet> CreateAsync(params string[] vehicles)
    {
        SecureFleet fleet = new();
        await fleet.DevCertsAsync([.. vehicles.SelectMany(vehicle => (string[])["--vehicle", vehicle])]);
        return fleet;
    }

    /// <summary>A file of the certificates' folder.</summary>
    public string Certificates(params string[] relative) => _folder.At(["certs", .. relative]);

    public async Task<string> DevCertsAsync(params string[] arguments)
    {
        await using TestProcess made = await TestProcess.RunAsync(
            Executable.Gateway, ["dev-certs", "--out", Certificates(), .. arguments]);
        Assert.True(made.ExitCode == 0, made.Describe());
        return made.Output;
    }

    /// <summary>Starts the gateway, at the same port each time, and returns when it listens.</summary>
    public async Task<TestProcess> StartAsync()
    {
        TestProcess gateway = TestProcess.Start(Executable.Gateway,
        [
            "run", "--data", _folder.At("data"), "--listen", Address, "--certificate", Certificates("gateway.pem"), "--key",
            Certificates("gateway.key"), "--client-authorities", Certificates("ca.pem"), "--revoked", RevokedFile,
        ]);
        try
        {
            await gateway.WaitForLineAsync("avgateway listening");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>The <c>tls</c> section of a vehicle, as a member with a comma before it.</summary>
    public string Tls(string vehicle, string more = "") => TlsOf(
        Certificates("vehicles", vehicle + ".pem"), Certificates("vehicles", vehicle + ".key"), more);

    public string TlsOf(string certificate, string key, string more = "") => $$"""
        , "tls": { "certificateFile": "{{certificate}}", "keyFile": "{{key}}", "authoritiesFile": "{{Certificates("ca.pem")}}"{{more}} }
        """;

    /// <summary>An agent's configuration that leads to the gateway, which has been started.</summary>
    public AgentSetup Agent(string vehicle, string? tls = null) => new()
    {
        VehicleId = vehicle,
        Gateway = Address,
        GatewaySettings = tls ?? Tls(vehicle),
    };

    public AvClient Connect() => AvClient.Connect(Address, ClientCredentials());

    public AvCredentials ClientCredentials() => AvCredentials.FromFiles(
        Certificates("clients", "developer.pem"), Certificates("clients", "developer.key"), Certificates("ca.pem"));

    /// <summary>Authority of the folder: for certificates that the command does not make.</summary>
    public DevelopmentAuthority OpenAuthority() => DevelopmentAuthority.FromPem(
        File.ReadAllText(Certificates("ca.pem")), File.ReadAllText(Certificates("ca.key")));

    /// <summary>Writes a pair, and returns the section that names it.</summary>
    public string Tls(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        string certificateFile = _folder.Write("other.pem", certificate.ExportCertificatePem());
        return TlsOf(certificateFile, _folder.Write("other.key", key.ExportPkcs8PrivateKeyPem()));
    }

    public static string SerialOf(string certificateFile)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
        return certificate.SerialNumber;
    }

    /// <summary>The serial number of the certificate that the gateway shows to a new connection.</summary>
    public async Task<string> ServedSerialAsync()
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync("127.0.0.1", Port, TestContext.Current.CancellationToken);
        await using SslStream tls = new(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            ClientCredentials().CreateTls("127.0.0.1", TimeProvider.System, NullLogger.Instance),
            TestContext.Current.CancellationToken);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }

    public void Dispose() => _folder.Dispose();
}
