using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.Uplink;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.DependencyInjection;

/// <summary>
/// Puts clients and recorders into an app's services. They log to the app's <see cref="ILoggerFactory"/> and
/// use its <see cref="TimeProvider"/>, if it has one; metrics and traces go to the meter and the activity
/// source named <see cref="AvSdkTelemetry.Name"/>.
/// </summary>
public static class AvSdkServiceCollectionExtensions
{
    /// <summary>Adds one <see cref="AvClient"/> for the app.</summary>
    /// <param name="services">The services.</param>
    /// <param name="address">Where the gateway serves gRPC; see <see cref="AvClient.Connect(string, AvClientOptions?)"/>.</param>
    /// <param name="configure">Changes the options: <c>options => options with { … }</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAvClient(
        this IServiceCollection services, string address,
        Func<AvClientOptions, AvClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        services.TryAddSingleton(provider =>
        {
            AvClientOptions options = new() { LoggerFactory = Logs(provider), TimeProvider = Time(provider) };
            return AvClient.Connect(address, configure is null ? options : configure(options));
        });
        return services;
    }

    /// <summary>
    /// Adds one <see cref="IRecorder"/> that records through the agent. The app starts with or without the
    /// agent, and flushes when it stops.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="address">The agent's socket, for example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="configure">Changes the options: <c>options => options with { … }</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAvRecorder(
        this IServiceCollection services, string address,
        Func<SocketRecorderOptions, SocketRecorderOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        services.TryAddSingleton<IRecorder>(provider =>
        {
            SocketRecorderOptions options = new()
            {
                LoggerFactory = Logs(provider),
                TimeProvider = Time(provider),
            };
            return SocketRecorder.Start(address, configure is null ? options : configure(options));
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RecorderLifetime>());
        return services;
    }

    /// <summary>
    /// Adds one <see cref="IRecorder"/> that records in the app itself: spool, compression and upload. It
    /// flushes when the app stops; what has not been delivered then stays in the spool and goes at the next
    /// start.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Vehicle, spool folder, lanes.</param>
    /// <param name="gateway">Where to send to; null keeps everything in the spool.</param>
    /// <param name="credentials">The vehicle's certificate, and whom it trusts; for https alone. Null: none.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddAvRecorder(
        this IServiceCollection services, RecorderOptions options, string? gateway, AvCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton<IRecorder>(provider =>
        {
            RecorderPorts ports = new()
            {
                Uplink = gateway is null ? null : new GrpcUplink(gateway, new GrpcUplinkOptions
                {
                    Credentials = credentials,
                    TimeProvider = Time(provider),
                    LoggerFactory = Logs(provider),
                }),
                Logs = Logs(provider),
                Time = Time(provider),
            };
            ValueTask<LocalRecorder> opening =
                LocalRecorder.OpenAsync(options, ports, CancellationToken.None);
            return opening.IsCompleted
                ? opening.Result
                : throw new InvalidOperationException("LocalRecorder opens the spool before it returns.");
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RecorderLifetime>());
        return services;
    }

    private static ILoggerFactory Logs(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;

    private static TimeProvider Time(IServiceProvider provider) =>
        provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
