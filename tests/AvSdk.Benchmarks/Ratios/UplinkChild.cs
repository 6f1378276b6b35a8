using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using AvSdk.Grpc.Server;
using AvSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The other end in a process of its own, so that its CPU time is its own: a gateway, and a Kestrel that reads what is
/// posted and does nothing with it, or, under <see cref="StorePath"/>, hashes and stores it; with an argument the gateway
/// can be reached from other machines too. Each line that it is sent is answered by the CPU seconds so far; it ends with
/// its input.
/// </summary>
internal static class UplinkChild
{
    public const string Verb = "uplink-gateway";

    /// <summary>Where what is posted is stored.</summary>
    public const string StorePath = "/store";

    private const int PieceBytes = 4 << 20;

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
        app.Run(static context =>
            context.Request.Path == StorePath ? StoreAsync(context.Request.BodyReader) : ReadAsync(context.Request.BodyReader));
        return app;
    }

    private static async Task ReadAsync(PipeReader body)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync();
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    // The least that a receiver does which checks what came and keeps it: a hash and a flush for every 4 MiB.
    private static async Task StoreAsync(PipeReader body)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            byte[] piece = new byte[PieceBytes];
            byte[] hash = new byte[SHA256.HashSizeInBytes];
            int held = 0;
            long at = 0;
            while (true)
            {
                ReadResult read = await body.ReadAsync();
                ReadOnlySequence<byte> taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, PieceBytes - held));
                taken.CopyTo(piece.AsSpan(held));
                held += (int)taken.Length;
                bool isEnd = read.IsCompleted && taken.Length == read.Buffer.Length;
                body.AdvanceTo(taken.End);
                if (held == PieceBytes || isEnd)
                {
                    SHA256.HashData(piece.AsSpan(0, held), hash);
                    RandomAccess.Write(file, piece.AsSpan(0, held), at);
                    RandomAccess.FlushToDisk(file);
                    at += held;
                    held = 0;
                }

                if (isEnd)
                    return;
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
