using System.Net;
using System.Runtime.CompilerServices;
using AvSdk.Gateway;
using AvSdk.Grpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Testing;

/// <summary>
/// A whole gateway in this process, on two loopback ports, with its data in a folder of its own: for tests
/// and examples. It can be stopped and started again with the same data at the same addresses, as after an
/// update.
/// </summary>
/// <remarks>One thread at a time. Disposing stops it and deletes the folder if the gateway made it.</remarks>
public sealed class InProcessGateway : IAsyncDisposable
{
    private readonly Action<GatewayOptions>? _configure;
    private readonly Action<IServiceCollection>? _services;
    private readonly bool _ownsFolder;
    private WebApplication? _app;
    private int _grpcPort;
    private int _webPort;
    private string _scheme = "http";

    private InProcessGateway(
        string? dataFolder, Action<GatewayOptions>? configure, Action<IServiceCollection>? services)
    {
        _ownsFolder = dataFolder is null;
        DataFolder = dataFolder ?? Directory.CreateTempSubdirectory("avgateway-").FullName;
        (_configure, _services) = (configure, services);
    }

    /// <summary>
    /// Where vehicles and query clients connect: <c>http://127.0.0.1:port</c>, gRPC over HTTP/2; https where
    /// <see cref="GatewayOptions.Tls"/> is set.
    /// </summary>
    public Uri Address => new($"{_scheme}://127.0.0.1:{_grpcPort}");

    /// <summary>Where browsers and probes connect: <c>http://127.0.0.1:port</c>, or https, HTTP/1.1.</summary>
    public Uri WebAddress => new($"{_scheme}://127.0.0.1:{_webPort}");

    /// <summary>Where its data is.</summary>
    public string DataFolder { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _app is not null;

    /// <summary>The services of the running gateway, for a look inside.</summary>
    /// <exception cref="InvalidOperationException">It is stopped.</exception>
    public IServiceProvider Services =>
        _app?.Services ?? throw new InvalidOperationException("It is stopped.");

    /// <summary>
    /// Starts a gateway in a new folder under the system's temporary one, with the defaults.
    /// </summary>
    public static Task<InProcessGateway> StartAsync(CancellationToken cancellationToken) =>
        StartAsync(null, null, null, cancellationToken);

    /// <summary>Starts a gateway.</summary>
    /// <param name="dataFolder">Null: a new one, which is deleted at the end.</param>
    /// <param name="configure">Changes its options; null: the defaults. The data folder is set
    /// already.</param>
    /// <param name="services">
    /// Adds services before the gateway's, for example another clock, index, store or logging; null: none.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GatewayOptionsException">The options have problems; the exception lists
    /// all.</exception>
    /// <exception cref="IOException">
    /// The folder is another gateway's, or its index was lost; the message names the remedy.
    /// </exception>
    public static async Task<InProcessGateway> StartAsync(
        string? dataFolder, Action<GatewayOptions>? configure, Action<IServiceCollection>? services,
        CancellationToken cancellationToken)
    {
        InProcessGateway gateway = new(dataFolder, configure, services);
        try
        {
            await gateway.StartAgainAsync(cancellationToken).ConfigureAwait(false);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>: same folder, same addresses.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    /// <exception cref="IOException">Somebody else has taken one of its ports.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
            throw new InvalidOperationException("It runs already.");
        WebApplication app = Build();
        try
        {
            app.MapAvGateway();
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _app = app;
        IServer server = app.Services.GetRequiredService<IServer>();
        IServerAddressesFeature bound = server.Features.GetRequiredFeature<IServerAddressesFeature>();
        int[] ports = [.. bound.Addresses.Select(static address => new Uri(address).Port)];
        (_grpcPort, _webPort) = (ports[0], ports[1]);
        _scheme = new Uri(bound.Addresses.First()).Scheme;
    }

    /// <summary>Stops it in order; connections end. Does nothing where it is stopped.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not { } app)
            return;
        _app = null;
        await using ConfiguredAsyncDisposable owned = app.ConfigureAwait(false);
        await app.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (_ownsFolder && Directory.Exists(DataFolder))
            Directory.Delete(DataFolder, recursive: true);
    }

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForGrpc();
            bool isTls = kestrel.ApplicationServices.GetRequiredService<GatewayOptions>().Tls is not null;
            // Without TLS a port cannot negotiate, so each protocol has its own.
            kestrel.Listen(IPAddress.Loopback, _grpcPort, at => Listen(at, HttpProtocols.Http2, isTls));
            kestrel.Listen(IPAddress.Loopback, _webPort, at => Listen(at, HttpProtocols.Http1, isTls));
        });
        _services?.Invoke(builder.Services);
        builder.Services.AddAvGateway(options =>
        {
            options.DataFolder = DataFolder;
            options.FreeBytesMin = 0;
            _configure?.Invoke(options);
        });
        return builder.Build();
    }

    private static void Listen(ListenOptions at, HttpProtocols protocols, bool isTls)
    {
        at.Protocols = protocols;
        if (isTls)
            at.UseAvGatewayTls();
    }
}
