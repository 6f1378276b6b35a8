using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using AvSdk.Grpc.Server;
using AvSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The other end in a process of its own, so that its CPU time is its own: a gateway, and a Kestrel that reads what is
/// posted and does nothing with it; with an argument the gateway can be reached from other machines too. Each line that it is sent is answered by the CPU seconds so far; it ends with its input.
/// </summary>
internal static class UplinkChild
{
    public const string Verb = "uplink-gateway";

    public static async Task<int> RunAsync(bool isBeyondLoopback)
    {
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(CancellationToken.None);
        await using WebApplication sink = BuildSink();
        await sink.StartAsync();
        Console.WriteLine(gateway.Address);
        Console.WriteLine(sink.Urls.Single());
        await using CountingProxy? door = isBeyondLoopback ? new CountingProxy(gateway.Address.Port, address: IPAddress.Any) : null;
        if (door is not null)
            Console.WriteLine(door.Port);
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(Environment.CpuUsage.TotalTime.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static WebApplication BuildSink()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.ConfigureForGrpc();
            kestrel.Listen(IPAddress.Loopback, 0, static at => at.Protocols = HttpProtocols.Http2);
        });
        WebApplication app = builder.Build();
        app.Run(static async context =>
        {
            PipeReader body = context.Request.BodyReader;
            while (true)
            {
                ReadResult read = await body.ReadAsync();
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        });
        return app;
    }
}
