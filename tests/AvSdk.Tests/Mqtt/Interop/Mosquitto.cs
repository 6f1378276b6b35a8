using System.Diagnostics;
using System.Text;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary>
/// A mosquitto of the test's own: its folder, its configuration, its ports on loopback. Skips the running test where the
/// command is absent.
/// </summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("avsdk-mosquitto-");
    private readonly StringBuilder _log = new();
    private Process? _process;

    private Mosquitto() => Port = FreePort.Take();

    /// <summary>Of the plain listener.</summary>
    public int Port { get; }

    public Uri Address => new($"mqtt://127.0.0.1:{Port}");

    public string Folder => _folder.FullName;

    /// <summary>Starts it, and returns when it listens.</summary>
    /// <param name="configuration">
    /// Lines of mosquitto.conf beside the plain listener, made when the folder is there; null: none.
    /// </param>
    public static async Task<Mosquitto> StartAsync(Func<Mosquitto, string>? configuration = null)
    {
        Mosquitto broker = new();
        await File.WriteAllTextAsync(Path.Combine(broker.Folder, "mosquitto.conf"),
            $"""
            listener {broker.Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {broker.Folder}/
            log_dest stderr
            user root
            {configuration?.Invoke(broker)}

            """, TestContext.Current.CancellationToken);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>After <see cref="StopAsync"/> or <see cref="KillAsync"/>: with the same port and what it had stored.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new(Command(), ["-c", Path.Combine(Folder, "mosquitto.conf")]) { RedirectStandardError = true };
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
            if (line.Data?.EndsWith(" running", StringComparison.Ordinal) == true)
                running.TrySetResult();
        };
        _process.Exited += (_, _) => running.TrySetException(new InvalidOperationException($"mosquitto ended.\n{Log}"));
        _process.Start();
        _process.BeginErrorReadLine();
        await running.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM: it stores its sessions.</summary>
    public async Task StopAsync()
    {
        using Process kill = Process.Start("kill", $"-TERM {_process!.Id}");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGKILL: what it had not stored is gone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
        _process = null;
    }

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Command()
    {
        string? path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin".Split(':')
            .Select(folder => Path.Combine(folder, "mosquitto")).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip("no mosquitto command: install the package mosquitto");
        return path!;
    }
}
