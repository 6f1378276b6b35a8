using System.Diagnostics;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary><c>peer.cjs</c> under Node.js. Skips the running test where Node.js or the package mqtt is absent.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private readonly Process _process;

    private NodeClient(Process process) => _process = process;

    public static NodeClient Start(int port, params string[] arguments)
    {
        string modules = Environment.GetEnvironmentVariable("AVSDK_NODE_MODULES") is { Length: > 0 } own
            ? own
            : Path.Combine(SharedFiles.RepositoryRoot, "artifacts/npm/node_modules");
        if (!Directory.Exists(Path.Combine(modules, "mqtt")))
            Assert.Skip($"no mqtt in {modules}: npm install --prefix artifacts/npm mqtt");
        string script = Path.Combine(SharedFiles.RepositoryRoot, "tests/AvSdk.Tests/Mqtt/Interop/peer.cjs");
        ProcessStartInfo start = new("node", [script, $"{port}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = modules;
        try
        {
            return new NodeClient(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no node command");
            throw;
        }
    }

    /// <summary>The next line of its standard output; fails with its standard error when there is none.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
        => await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
