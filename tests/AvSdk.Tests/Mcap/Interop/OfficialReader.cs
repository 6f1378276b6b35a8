using System.Diagnostics;
using System.Text.Json;

namespace AvSdk.Tests.Mcap.Interop;

/// <summary>
/// Runs the official TypeScript library in node. The packages are looked for under artifacts/npm in the
/// repository's root, or where AVSDK_NODE_MODULES says; nothing is installed from here.
/// </summary>
internal static class OfficialReader
{
    private const string Packages = "@mcap/core @foxglove/wasm-lz4 @foxglove/wasm-zstd";

    public static async Task<JsonElement> ReadAsync(string mcapPath)
    {
        string modules = Environment.GetEnvironmentVariable("AVSDK_NODE_MODULES")
            ?? Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "npm", "node_modules");
        foreach (string package in Packages.Split(' '))
        {
            if (!Directory.Exists(Path.Combine(modules, package)))
                Assert.Skip($"no {package}: npm install --prefix artifacts/npm {Packages}");
        }

        string script = Path.Combine(
            SharedFiles.RepositoryRoot, "tests", "AvSdk.Tests", "Mcap", "Interop", "read.mjs");
        ProcessStartInfo start = new("node", [script, modules, mcapPath])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = StartOrSkip(start);
        CancellationToken token = TestContext.Current.CancellationToken;
        Task<string> errors = node.StandardError.ReadToEndAsync(token);
        string output = await node.StandardOutput.ReadToEndAsync(token);
        await node.WaitForExitAsync(token);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(output).RootElement;
    }

    public static Dictionary<string, (long Count, string Hash)> Topics(JsonElement result, string how) =>
        result
        .GetProperty(how).GetProperty("topics").EnumerateObject().ToDictionary(
            t => t.Name,
            t => (t.Value.GetProperty("count").GetInt64(), t.Value.GetProperty("sha256").GetString()!));

    private static Process StartOrSkip(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no node");
            throw;
        }
    }
}
