using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Grpc.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway;

/// <summary>Registers a gateway.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <summary>
    /// Adds a gateway that starts and stops with the host; map its endpoints with <c>MapAvGateway</c>.
    /// Register an
    /// <see cref="IChunkIndex"/> or <see cref="IPackStore"/> before to replace SQLite or the folder. All of the host's Kestrel
    /// receives in larger blocks: see <see cref="GrpcServiceCollectionExtensions.AddGrpcReceiveBlocks"/>.
    /// </summary>
    /// <exception cref="GatewayOptionsException">
    /// The options have problems; the exception lists all.
    /// </exception>
    public static IServiceCollection AddAvGateway(
        this IServiceCollection services, Action<GatewayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        GatewayOptions options = new();
        configure(options);
        options = options with { };
        IReadOnlyList<GatewayOptionProblem> problems = options.Validate();
        if (problems.Count > 0)
            throw new GatewayOptionsException(problems);

        services.AddSingleton(options);
        services.AddGrpcReceiveBlocks();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IChunkIndex>(
            _ => new SqliteChunkIndex(Path.Combine(options.DataFolder, "index.db")));
        services.TryAddSingleton<IPackStore>(
            _ => new FolderPackStore(Path.Combine(options.DataFolder, "packs")));
        services.AddSingleton<GatewayMeter>();
        if (options.Tls is { } tls)
        {
            services.AddSingleton(provider => new GatewayTls(
                tls, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        }

        services.AddSingleton<GatewayRuntime>();
        services.AddHostedService(provider => provider.GetRequiredService<GatewayRuntime>());
        return services;
    }
}
