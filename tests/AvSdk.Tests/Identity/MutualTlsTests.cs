using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Identity;
using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Identity;
using AvSdk.Query;
using AvSdk.Recording.Uplink;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Recording.Fakes;
using AvSdk.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Identity;

/// <summary>Who gets in, and what others are told, over real connections in one process.</summary>
public sealed class MutualTlsTests
{
    private static readonly AvClientOptions Once = new() { RetryAttempts = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vehicle_writes_as_itself_and_a_client_reads()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();

        UploadReply? opened = await gateway.OpenAsync("veh-1", gateway.Credentials(gateway.Fleet.Vehicle("veh-1")));
        await using AvClient client = AvClient.Connect(gateway.Address, gateway.Client(), Once);

        Assert.Equal(UploadReply.KindOneofCase.Opened, opened?.KindCase);
        Assert.Empty(await client.Catalogue.RecordingsAsync(null, Token).ToListAsync(Token));
        Assert.DoesNotContain(gateway.Logged, line => line.Contains("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vehicle_that_names_another_is_refused_and_both_ends_say_who_it_is()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();

        string told = await RefusedAsync(gateway, "veh-2", gateway.Credentials(gateway.Fleet.Vehicle("veh-1")));

        Assert.Contains("open names vehicle veh-2, and the certificate is of vehicle veh-1", told, StringComparison.Ordinal);
        await LoggedAsync(gateway, "The stream of veh-1 is ended: open names vehicle veh-2");
    }

    [Fact]
    public async Task A_recording_of_another_vehicle_is_not_to_be_defined_announced_ended_or_told_of()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        SampleRecording others = new("veh-2");
        await DefineAsync(gateway, others);
        SampleRecording stolen = new("veh-1", others.Id);
        foreach ((UploadRequest request, string sentence) in ((UploadRequest, string)[])
        [
            (others.Define(), "a vehicle writes only its own recordings"),
            (stolen.Define(), "is of vehicle veh-2, not of veh-1"),
            (others.Chunk((others.Imu, 0)).Announcement, "a vehicle writes only its own recordings"),
            (others.Chunk((others.Imu, 0)).Part(), "a vehicle writes only its own recordings"),
            (new UploadRequest { End = new End { End_ = new RecordingEnd { RecordingId = others.Info.RecordingId } } },
                "a vehicle writes only its own recordings"),
            (new UploadRequest { Ledger = new TellLedger { RecordingId = others.Info.RecordingId } },
                "a vehicle writes only its own recordings"),
        ])
        {
            await using IUplinkSession session = await OpenSessionAsync(gateway, "veh-1");
            UplinkException refused = await Assert.ThrowsAsync<UplinkException>(
                () => SecureGateway.SayAsync(session, request));
            Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
            Assert.False(refused.IsTransient);
        }
    }

    [Fact]
    public async Task Vehicles_do_not_read_and_clients_do_not_write()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        AvCredentials vehicle = gateway.Credentials(gateway.Fleet.Vehicle("veh-1"));
        await using AvClient reader = AvClient.Connect(
            gateway.Address, vehicle, Once with { WebAddress = gateway.Server.WebAddress });

        AvQueryException refused = await Assert.ThrowsAsync<AvQueryException>(() => reader.Query().PlanAsync(Token));
        AvQueryException web = await Assert.ThrowsAsync<AvQueryException>(() => reader.Query().OpenMcapAsync(Token));
        string told = await RefusedAsync(gateway, "analysis", gateway.Client());

        Assert.Equal((AvQueryError.GatewayRefused, AvQueryError.GatewayRefused), (refused.Error, web.Error));
        Assert.Contains("The certificate is of vehicle veh-1, and vehicles do not read", refused.Message, StringComparison.Ordinal);
        Assert.Contains("vehicles do not read", web.Message, StringComparison.Ordinal);
        Assert.Contains("The certificate is of client analysis, and only vehicles write", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_certificate_that_is_not_taken_is_told_why_at_both_ends()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        using TestFleet others = new("others");
        X509Certificate2 revoked = gateway.Fleet.Vehicle("veh-1");
        await File.WriteAllTextAsync(gateway.RevokedFile, revoked.SerialNumber + " # stolen", Token);
        foreach ((X509Certificate2? certificate, string sentence) in ((X509Certificate2?, string)[])
        [
            (null, "no certificate was given"),
            (gateway.Fleet.Vehicle("veh-1", -48, -1), "expired at"),
            (gateway.Fleet.Vehicle("veh-1", 1, 48), "is valid only from"),
            (others.Vehicle("veh-1"), "was issued by CN=others"),
            (gateway.Fleet.Server("veh-1"), "is not one for a TLS client"),
            (revoked, "was revoked"),
        ])
        {
            string told = await RefusedAsync(gateway, "veh-1", gateway.Credentials(certificate));
            Assert.Contains("Unauthenticated: The gateway refuses this connection: ", told, StringComparison.Ordinal);
            Assert.Contains(sentence, told, StringComparison.Ordinal);
            await LoggedAsync(gateway, sentence);
        }
    }

    [Fact]
    public async Task A_gateway_that_is_not_taken_is_told_apart_and_not_tried_soon_again()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        using TestFleet others = new("others");
        X509Certificate2 vehicle = gateway.Fleet.Vehicle("veh-1");
        string byName = gateway.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        string foreign = await RefusedAsync(gateway, "veh-1", AvCredentials.FromCertificates(vehicle, others.Authorities));
        string system = await RefusedAsync(gateway, "veh-1", AvCredentials.FromCertificates(vehicle));
        string misnamed = await RefusedAsync(gateway, "veh-1", gateway.Credentials(vehicle, "depot.example"));
        AvQueryException client = await Assert.ThrowsAsync<AvQueryException>(
            () => AvClient.Connect(gateway.Address).Query().PlanAsync(Token));

        Assert.Contains("The server: the certificate CN=localhost", foreign, StringComparison.Ordinal);
        Assert.Contains("Trusted: CN=others", foreign, StringComparison.Ordinal);
        Assert.Contains("Trusted: the system's authorities", system, StringComparison.Ordinal);
        Assert.Contains("is not for depot.example, but for localhost, 127.0.0.1", misnamed, StringComparison.Ordinal);
        Assert.Equal(AvQueryError.GatewayRefused, client.Error);
        await LoggedAsync(gateway, "made a TLS connection and left without a request");

        Assert.NotNull(await gateway.OpenAsync("veh-1", gateway.Credentials(vehicle), byName));
        gateway.ReplaceServerCertificate("depot.example");
        Assert.NotNull(await gateway.OpenAsync("veh-1", gateway.Credentials(vehicle, "depot.example")));
    }

    [Fact]
    public async Task A_vehicle_revoked_while_it_is_connected_goes_on_and_is_refused_at_the_next_connection()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        X509Certificate2 certificate = gateway.Fleet.Vehicle("veh-1");
        await using IUplinkSession session = await OpenSessionAsync(gateway, "veh-1", certificate);

        await File.WriteAllTextAsync(gateway.RevokedFile, certificate.SerialNumber, Token);
        string told = await RefusedAsync(gateway, "veh-1", gateway.Credentials(certificate));
        UploadReply? defined = await SecureGateway.SayAsync(session, new SampleRecording("veh-1").Define());

        Assert.Contains("was revoked", told, StringComparison.Ordinal);
        Assert.Equal(UploadReply.KindOneofCase.Defined, defined?.KindCase);

        await File.WriteAllTextAsync(gateway.RevokedFile, "this is no list", Token);
        Assert.Contains("was revoked", await RefusedAsync(gateway, "veh-1", gateway.Credentials(certificate)), StringComparison.Ordinal);
        await LoggedAsync(gateway, "what there was stays in force. RevokedFile");
        await File.WriteAllTextAsync(gateway.RevokedFile, "# nobody", Token);
        Assert.NotNull(await gateway.OpenAsync("veh-1", gateway.Credentials(certificate)));
    }

    [Fact]
    public async Task A_client_revoked_while_it_is_connected_makes_no_further_call()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        X509Certificate2 certificate = gateway.Fleet.Client("analysis");
        await using AvClient client = AvClient.Connect(gateway.Address, gateway.Credentials(certificate), Once);
        await client.Catalogue.VehiclesAsync(Token);

        await File.WriteAllTextAsync(gateway.RevokedFile, certificate.SerialNumber, Token);
        gateway.Server.Services.RefreshAvGatewayTls();

        AvQueryException refused = await Assert.ThrowsAsync<AvQueryException>(() => client.Catalogue.VehiclesAsync(Token));
        Assert.Contains("was revoked", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateways_new_certificate_is_for_new_connections_and_open_ones_go_on()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        await using IUplinkSession session = await OpenSessionAsync(gateway, "veh-1");

        string serial = gateway.ReplaceServerCertificate("localhost", "127.0.0.1");

        Assert.Equal(serial, await ServedSerialAsync(gateway));
        UploadReply? defined = await SecureGateway.SayAsync(session, new SampleRecording("veh-1").Define());
        Assert.Equal(UploadReply.KindOneofCase.Defined, defined?.KindCase);
        await LoggedAsync(gateway, "files were replaced; new connections use own certificate CN=localhost");
    }

    [Fact]
    public async Task A_client_whose_files_are_replaced_shows_the_new_ones()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        using TempFolder folder = new();
        X509Certificate2 first = gateway.Fleet.Client("analysis");
        (string certificate, string key) = TestFleet.Write(folder.Path, "own", first);
        AvCredentials credentials = AvCredentials.FromFiles(certificate, key, gateway.Fleet.WriteAuthorities(folder.Path));
        await using AvClient client = AvClient.Connect(gateway.Address, credentials, Once);
        await client.Catalogue.VehiclesAsync(Token);

        TestFleet.Write(folder.Path, "own", gateway.Fleet.Client("analysis"));
        await File.WriteAllTextAsync(gateway.RevokedFile, first.SerialNumber, Token);

        await client.Catalogue.VehiclesAsync(Token);
        Assert.NotEqual(first.SerialNumber, credentials.Certificate?.SerialNumber);
    }

    [Fact]
    public async Task The_web_says_who_may_read_and_probes_need_no_certificate()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        foreach ((X509Certificate2? certificate, HttpStatusCode expected) in ((X509Certificate2?, HttpStatusCode)[])
        [
            (null, HttpStatusCode.Unauthorized),
            (gateway.Fleet.Vehicle("veh-1"), HttpStatusCode.Forbidden),
            (gateway.Fleet.Client("analysis"), HttpStatusCode.OK),
        ])
        {
            using SocketsHttpHandler handler = new()
            {
                SslOptions = gateway.Credentials(certificate).CreateTls(
                    "127.0.0.1", TimeProvider.System, NullLogger.Instance),
            };
            using HttpClient http = new(handler) { BaseAddress = gateway.Server.WebAddress };
            foreach (string path in (string[])["/", "/metrics"])
            {
                using HttpResponseMessage response = await http.GetAsync(path, Token);
                Assert.Equal(expected, response.StatusCode);
            }

            using HttpResponseMessage ledger = await http.GetAsync("/v1/ledger.json", Token);
            using HttpResponseMessage export = await http.GetAsync("/v1/export.mcap", Token);
            Assert.All([ledger, export], answer => Assert.Equal(
                expected == HttpStatusCode.OK, answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)));
            Assert.Equal("ok\n", await http.GetStringAsync("/healthz", Token));
            Assert.Equal("ready\n", await http.GetStringAsync("/readyz", Token));
        }
    }

    [Fact]
    public async Task Certificates_between_ones_own_and_the_authority_are_sent_by_both_ends()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        using TempFolder folder = new();
        DateTimeOffset from = gateway.Fleet.Now.AddHours(-1), to = gateway.Fleet.Now.AddHours(24);
        using DevelopmentAuthority plant = gateway.Fleet.Authority.IssueAuthority("plant", from, to);
        using X509Certificate2 vehicle = plant.Issue(new PeerIdentity(PeerKind.Vehicle, "veh-1"), from, to);
        (string certificate, string key) = TestFleet.Write(folder.Path, "own", vehicle);
        string authorities = gateway.Fleet.WriteAuthorities(folder.Path);

        string alone = await RefusedAsync(gateway, "veh-1", AvCredentials.FromFiles(certificate, key, authorities));
        await File.AppendAllTextAsync(certificate, "\n" + plant.ExportCertificatePem(), Token);
        UploadReply? opened = await gateway.OpenAsync("veh-1", AvCredentials.FromFiles(certificate, key, authorities));
        using X509Certificate2 server = plant.IssueServer(["127.0.0.1"], from, to);
        gateway.ReplaceServerCertificate(server, plant.ExportCertificatePem());
        UploadReply? again = await gateway.OpenAsync("veh-1", AvCredentials.FromFiles(certificate, key, authorities));

        Assert.Contains("was issued by CN=plant", alone, StringComparison.Ordinal);
        Assert.Equal(UploadReply.KindOneofCase.Opened, opened?.KindCase);
        Assert.Equal(UploadReply.KindOneofCase.Opened, again?.KindCase);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_tls_know_who_connects(SslProtocols version)
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        foreach ((X509Certificate2? certificate, HttpStatusCode expected) in ((X509Certificate2?, HttpStatusCode)[])
            [(gateway.Fleet.Client("analysis"), HttpStatusCode.OK), (null, HttpStatusCode.Unauthorized)])
        {
            using SocketsHttpHandler handler = new()
            {
                SslOptions = gateway.Credentials(certificate).CreateTls("127.0.0.1", TimeProvider.System, NullLogger.Instance),
            };
            handler.SslOptions.EnabledSslProtocols = version;
            using HttpClient http = new(handler) { BaseAddress = gateway.Server.WebAddress };
            using HttpResponseMessage response = await http.GetAsync("/", Token);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task Older_versions_of_tls_are_not_spoken()
    {
        await using SecureGateway gateway = await SecureGateway.StartAsync();
        using System.Net.Sockets.TcpClient tcp = new();
        await tcp.ConnectAsync(gateway.Server.Address.Host, gateway.Server.Address.Port, Token);
        await using SslStream tls = new(tcp.GetStream());
        SslClientAuthenticationOptions options =
            gateway.Client().CreateTls("127.0.0.1", TimeProvider.System, NullLogger.Instance);
#pragma warning disable SYSLIB0039, CA5397 // That it is refused is what is tested.
        options.EnabledSslProtocols = SslProtocols.Tls11;
#pragma warning restore SYSLIB0039, CA5397

        Exception? refused = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(options, Token));

        Assert.True(refused is AuthenticationException or IOException, refused?.ToString());
    }

    [Fact]
    public void Credentials_are_not_shown_to_an_address_without_tls()
    {
        AvCredentials credentials = AvCredentials.FromCertificates(null);

        ArgumentException uplink = Assert.Throws<ArgumentException>(
            () => new GrpcUplink("http://127.0.0.1:1", new GrpcUplinkOptions { Credentials = credentials }));
        ArgumentException client = Assert.Throws<ArgumentException>(() => AvClient.Connect("unix:/tmp/none.sock", credentials));

        Assert.All([uplink, client], error => Assert.Contains("write https://", error.Message, StringComparison.Ordinal));
        Assert.Contains("KeyFile = (missing)",
            Assert.Throws<ArgumentException>(() => AvCredentials.FromFiles("none.pem", null)).Message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(SecureGateway gateway, string vehicle, AvCredentials credentials)
    {
        UplinkException refused = await Assert.ThrowsAsync<UplinkException>(() => gateway.OpenAsync(vehicle, credentials));
        Assert.False(refused.IsTransient, refused.Message);
        return refused.Message;
    }

    private static Task LoggedAsync(SecureGateway gateway, string text) => Eventually.Holds(
        () => gateway.Logged.Any(line => line.Contains(text, StringComparison.Ordinal)), $"a log line with '{text}'");

    private static async Task<IUplinkSession> OpenSessionAsync(
        SecureGateway gateway, string vehicle, X509Certificate2? certificate = null)
    {
        AvCredentials credentials = gateway.Credentials(certificate ?? gateway.Fleet.Vehicle(vehicle));
        IUplinkSession session = await new GrpcUplink(
            gateway.Address, new GrpcUplinkOptions { Credentials = credentials }).ConnectAsync(Token);
        UploadReply? opened = await SecureGateway.SayAsync(
            session, new UploadRequest { Open = new Open { Protocol = 1, VehicleId = vehicle } });
        Assert.Equal(UploadReply.KindOneofCase.Opened, opened?.KindCase);
        return session;
    }

    private static async Task DefineAsync(SecureGateway gateway, SampleRecording recording)
    {
        await using IUplinkSession session = await OpenSessionAsync(gateway, recording.VehicleId);
        await SecureGateway.SayAsync(session, recording.Define());
    }

    private static async Task<string> ServedSerialAsync(SecureGateway gateway)
    {
        using System.Net.Sockets.TcpClient tcp = new();
        await tcp.ConnectAsync(gateway.Server.Address.Host, gateway.Server.Address.Port, Token);
        await using SslStream tls = new(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            gateway.Client().CreateTls(
                "127.0.0.1", TimeProvider.System, NullLogger.Instance), Token);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }
}
