using AvSdk.Grpc.Server.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AvSdk.Grpc.Server;

/// <summary>Registers what the server needs.</summary>
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

    /// <summary>
    /// Has all of this host's Kestrel receive and send in blocks of so many bytes instead of 4 KiB: streams of large messages
    /// cost less than half of its work. A connection that is quiet holds no block; one on which something is under way
    /// holds one for each stream at least. Register another <see cref="IMemoryPoolFactory{T}"/> afterwards to replace it.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="blockBytes">4 KiB to 1 MiB.</param>
    public static IServiceCollection AddGrpcReceiveBlocks(this IServiceCollection services, int blockBytes = 32 << 10)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockBytes, 1 << 20);
        return services.AddSingleton<IMemoryPoolFactory<byte>>(new ReceiveBlockPool.Factory(blockBytes));
    }

    internal static void RequireValid(GrpcServerOptions options)
    {
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
    }
}
