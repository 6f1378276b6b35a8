using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AvSdk.Quickstart;

/// <summary>A mosquitto of this program's own, on loopback, which ends with it.</summary>
internal sealed class LoopbackBroker : IDisposable
{
    private readonly Process _process;

    private LoopbackBroker(Process process, string address) => (_process, Address) = (process, address);

    /// <summary><c>mqtt://127.0.0.1:port</c>.</summary>
    public string Address { get; }

    /// <summary>Null: mosquitto is not installed.</summary>
    public static async Task<LoopbackBroker?> StartAsync(string folder, CancellationToken cancellationToken)
    {
        string? command = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin".Split(':')
            .Select(static path => Path.Combine(path, "mosquitto")).FirstOrDefault(File.Exists);
        if (command is null)
            return null;
        int port = FreePort();
        string configuration = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(
            configuration, $"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type none\n", cancellationToken);
        ProcessStartInfo start = new(command, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        LoopbackBroker broker = new(process, $"mqtt://127.0.0.1:{port}");
        try
        {
            await broker.WaitAsync(port, cancellationToken);
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task WaitAsync(int port, CancellationToken cancellationToken)
    {
        while (!_process.HasExited)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        throw new InvalidOperationException($"mosquitto ended at once, with exit code {_process.ExitCode}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
