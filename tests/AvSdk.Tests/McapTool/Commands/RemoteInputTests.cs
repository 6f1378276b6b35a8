using AvSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Tests.McapTool.Commands;

/// <summary>Files on a web server that answers ranges.</summary>
public sealed class RemoteInputTests
{
    private int _requests;

    [Fact]
    public async Task Every_command_reads_from_an_address_what_it_reads_from_a_path()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        await using WebApplication server = await ServeAsync(Path.GetDirectoryName(drive.Path)!);
        string address = AddressOf(server) + "/rav4_60s.lz4.mcap";
        using ToolFolder folder = new();

        Assert.Equal(
            (await ToolRun.DoneAsync("info", drive.Path)).Output.Replace(drive.Path, address, StringComparison.Ordinal),
            (await ToolRun.DoneAsync("info", address)).Output);
        Assert.Equal(2, _requests);
        foreach (string[] report in new string[][]
        {
            ["cat", "-t", "/gnss", "--from", "+30s"], ["cat", "-r", "-n", "5"], ["list", "chunks"], ["list", "metadata"],
            ["attachments", "get", "toyota_rav4_2017_pt_generated.dbc", "-o", "-"],
        })
        {
            string[] verbs = [.. report.TakeWhile(word => !word.StartsWith('-') && !word.EndsWith(".dbc", StringComparison.Ordinal))];
            string[] rest = report[verbs.Length..];
            Assert.Equal(
                (await ToolRun.DoneAsync([.. verbs, drive.Path, .. rest])).Output,
                (await ToolRun.DoneAsync([.. verbs, address, .. rest])).Output);
        }

        foreach (string[] edit in new string[][] { ["filter"], ["sort"], ["compress"], ["decompress"], ["recover"], ["merge", address] })
        {
            await ToolRun.DoneAsync([.. edit, address, "-o", folder.At("out.mcap"), "--force"]);
            using FileStream file = File.OpenRead(folder.At("out.mcap"));
            using DriveHash hash = DriveHash.OfMcap(file);
            Assert.Equal((ulong)edit.Length * 168_820, hash.Messages);
            if (edit.Length == 1)
                Assert.Equal(drive.Hashes, hash.ToDictionary());
        }

        _requests = 0;
        await ToolRun.DoneAsync("doctor", address);
        await ToolRun.DoneAsync("du", address);
        // Read front to back by the block, not by the record.
        Assert.InRange(_requests, 4, 12);
    }

    [Fact]
    public async Task What_a_server_does_not_give_is_one_sentence()
    {
        Drive drive = Drive.Require("rav4_60s.lz4");
        await using WebApplication server = await ServeAsync(Path.GetDirectoryName(drive.Path)!);
        string nowhere = AddressOf(server) + "/none.mcap";
        await AssertFails(nowhere, "no such file");
        await server.StopAsync(TestContext.Current.CancellationToken);
        await AssertFails(nowhere, "refused");
        ToolRun run = await ToolRun.OfAsync("info", "https://");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is not an address", run.Errors, StringComparison.Ordinal);
    }

    private static async Task AssertFails(string address, string expected)
    {
        ToolRun run = await ToolRun.OfAsync("info", address);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string AddressOf(WebApplication server) => server.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private async Task<WebApplication> ServeAsync(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        server.Run(async context =>
        {
            Interlocked.Increment(ref _requests);
            string path = Path.Combine(folder, Path.GetFileName(context.Request.Path.Value!));
            IResult result = File.Exists(path)
                ? Results.File(path, lastModified: File.GetLastWriteTimeUtc(path), enableRangeProcessing: true)
                : Results.NotFound();
            await result.ExecuteAsync(context);
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
