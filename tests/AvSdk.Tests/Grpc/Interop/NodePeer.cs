using System.Diagnostics;

namespace AvSdk.Tests.Grpc.Interop;

/// <summary>
/// A script of this folder under Node.js. Skips the running test where Node.js or its modules are absent.
/// </summary>
internal sealed class NodePeer : IAsyncDisposable
{
    private readonly Process _process;

    private NodePeer(Process process) => _process = process;

    public static NodePeer Start(string script, params string[] arguments)
    {
        string modules = RequireModules();
        ProcessStartInfo start = new("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(
            Path.Combine(SharedFiles.RepositoryRoot, "tests/AvSdk.Tests/Grpc/Interop", script));
        start.ArgumentList.Add(Path.Combine(SharedFiles.RepositoryRoot, "protos"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["NODE_PATH"] = modules;
        try
        {
            return new NodePeer(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no node command");
            throw;
        }
    }

    /// <summary>
    /// The next line of its standard output; fails with its standard error when there is none.
    /// </summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
        => await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException(
                await _process.StandardError.ReadToEndAsync(cancellationToken));

    /// <summary>Waits for its end; fails with its standard error unless that is 0.</summary>
    public async Task RequireSuccessAsync(CancellationToken cancellationToken)
    {
        string error = await _process.StandardError.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        Assert.True(_process.ExitCode == 0, error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static string RequireModules()
    {
        string folder = Environment.GetEnvironmentVariable("AVSDK_NODE_MODULES") is { Length: > 0 } own
            ? own
            : Path.Combine(SharedFiles.RepositoryRoot, "artifacts/npm/node_modules");
        foreach (string module in (string[])["@grpc/grpc-js", "@grpc/proto-loader"])
        {
            if (!Directory.Exists(Path.Combine(folder, module)))
            {
                Assert.Skip(
                    $"no {module} in {folder}: "
                    + "npm install --prefix artifacts/npm @grpc/grpc-js @grpc/proto-loader");
            }
        }

        return folder;
    }
}
