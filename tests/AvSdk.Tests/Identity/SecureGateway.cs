using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Identity;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Tests.Gateway;
using AvSdk.Uplink;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Tests.Identity;

/// <summary>A gateway in this process that knows the vehicles and clients of a fleet, and what it logs.</summary>
internal sealed class SecureGateway : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Lines _lines = new();

    private SecureGateway()
    {
    }

    public TestFleet Fleet { get; } = new();

    public InProcessGateway Server { get; private set; } = null!;

    public string Address => Server.Address.OriginalString.TrimEnd('/');

    public string RevokedFile => _folder.At("revoked.txt");

    public IEnumerable<string> Logged => _lines.Entries;

    public static async Task<SecureGateway> StartAsync(TimeProvider? time = null)
    {
        SecureGateway gateway = new();
        gateway.ReplaceServerCertificate("localhost", "127.0.0.1");
        await File.WriteAllTextAsync(gateway.RevokedFile, "", TestContext.Current.CancellationToken);
        string authorities = gateway.Fleet.WriteAuthorities(gateway._folder.Path);
        gateway.Server = await InProcessGateway.StartAsync(
            gateway._folder.At("data"),
            options => options.Tls = new GatewayTlsOptions
            {
                CertificateFile = gateway._folder.At("gateway.pem"),
                KeyFile = gateway._folder.At("gateway.key"),
                ClientAuthoritiesFile = authorities,
                RevokedFile = gateway.RevokedFile,
            },
            services =>
            {
                services.AddLogging(logging => logging.AddProvider(gateway._lines));
                if (time is not null)
                    services.AddSingleton(time);
            },
            TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <summary>The serial number of the new one.</summary>
    public string ReplaceServerCertificate(params string[] names)
    {
        using X509Certificate2 certificate = Fleet.Server(names);
        ReplaceServerCertificate(certificate, "");
        return certificate.SerialNumber;
    }

    /// <summary>With those between it and its authority.</summary>
    public void ReplaceServerCertificate(X509Certificate2 certificate, string between)
    {
        (string file, _) = TestFleet.Write(_folder.Path, "gateway", certificate);
        File.AppendAllText(file, "\n" + between);
    }

    public AvCredentials Credentials(X509Certificate2? certificate, string? serverName = null) =>
        AvCredentials.FromCertificates(certificate, Fleet.Authorities, serverName);

    public AvCredentials Client() => Credentials(Fleet.Client("analysis"));

    /// <summary>What a vehicle's first message is answered with, over a connection of its own.</summary>
    public async Task<UploadReply?> OpenAsync(string vehicle, AvCredentials credentials, string? address = null)
    {
        GrpcUplink uplink = new(address ?? Address, new GrpcUplinkOptions { Credentials = credentials });
        await using IUplinkSession session = await uplink.ConnectAsync(TestContext.Current.CancellationToken);
        return await SayAsync(session, new UploadRequest { Open = new Open { Protocol = 1, VehicleId = vehicle } });
    }

    /// <summary>A message and the next reply; where the gateway ends the stream, its reason is thrown.</summary>
    public static async Task<UploadReply?> SayAsync(IUplinkSession session, UploadRequest request)
    {
        await session.SendAsync(request, TestContext.Current.CancellationToken);
        return await session.ReceiveAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Fleet.Dispose();
        _folder.Dispose();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Entries.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
