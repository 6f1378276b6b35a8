using System.Runtime.InteropServices;
using AvSdk.Gateway;
using AvSdk.GatewayHost.Commands;
using AvSdk.GatewayHost.Configuration;
using AvSdk.Grpc.Server;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace AvSdk.GatewayHost;

/// <summary>Hosts the gateway until it is told to stop.</summary>
/// <remarks>
/// Once it serves it prints one line to standard output, which scripts and tests may rely on:
/// <c>avgateway listening grpc=ADDRESS web=ADDRESS|none data=FOLDER</c>, with the real ports. Logs go to
/// standard error.
/// </remarks>
internal static class GatewayProcess
{
    public static async Task<int> RunAsync(
        GatewayConfiguration configuration,
        TextWriter output,
        TextWriter errors,
        CancellationToken cancellationToken)
    {
        WebApplication app = Build(configuration);
        await using (app.ConfigureAwait(false))
        {
            try
            {
                await app.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                await errors.WriteLineAsync("avgateway: " + failure.Message).ConfigureAwait(false);
                return ExitCode.Failed;
            }

            string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features
                .Get<IServerAddressesFeature>()!.Addresses];
            string web = addresses.Length > 1 ? addresses[1]
                : addresses[0].StartsWith("https:", StringComparison.Ordinal) && configuration.Web is null ? addresses[0]
                : GatewayConfiguration.WebOff;
            using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                app.Services.RefreshAvGatewayTls();
            });
            await output.WriteLineAsync(
                $"avgateway listening grpc={addresses[0]} web={web} "
                + $"data={Path.GetFullPath(configuration.Data!)}")
                .ConfigureAwait(false);
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await app.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }

    private static WebApplication Build(GatewayConfiguration configuration)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForGrpc();
            IReadOnlyList<ListenAddress> addresses = configuration.Addresses();
            addresses[0].Listen(kestrel, HttpProtocols.Http2);
            if (addresses.Count > 1)
                addresses[1].Listen(kestrel, HttpProtocols.Http1);
        });
        builder.Services.AddAvGateway(configuration.Apply);
        WebApplication app = builder.Build();
        app.MapAvGateway();
        return app;
    }
}
