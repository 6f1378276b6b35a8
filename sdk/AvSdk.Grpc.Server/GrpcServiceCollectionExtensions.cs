using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AvSdk.Grpc.Server;

/// <summary>Registers the server's options.</summary>
public static class GrpcServiceCollectionExtensions
{
    /// <summary>
    /// Sets what every mapped method takes and sends. Without it the defaults of
    /// <see cref="GrpcServerOptions"/> apply. A second call changes what the first one set.
    /// </summary>
    /// <exception cref="ArgumentException">Options with problems: all are named.</exception>
    public static IServiceCollection AddGrpcServer(
        this IServiceCollection services, Action<GrpcServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        GrpcServerOptions options = services
            .Select(s => s.ImplementationInstance)
            .OfType<GrpcServerOptions>()
            .LastOrDefault() ?? new GrpcServerOptions();
        configure?.Invoke(options);
        RequireValid(options);
        services.TryAddSingleton(options);
        return services;
    }

    internal static void RequireValid(GrpcServerOptions options)
    {
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
    }
}
