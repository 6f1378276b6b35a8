using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AvSdk.SystemTests.Processes;

/// <summary>
/// A process under test: its lines are kept, its signals sent as the kernel knows them, and it never outlives
/// the test.
/// </summary>
internal sealed class TestProcess : IAsyncDisposable
{
    public const int SigHup = 1;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigContinue = 18;
    public const int SigStop = 19;

    // A job in the background of a shell ignores SIGINT, one under nohup SIGHUP, and whatever it starts does so too: the
    // processes under test are to hear what they are sent.
    private static readonly string[] s_hearing = DefaultSignals();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _outputLines = new();
    private readonly ConcurrentQueue<string> _errorLines = new();
    private readonly Lock _waiting = new();
    private readonly List<(Predicate<string> IsIt, TaskCompletionSource<string> Found)> _waiters = [];

    private TestProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    public string Output => string.Join('\n', _outputLines);

    public string Errors => string.Join('\n', _errorLines);

    public static TestProcess Start(Executable executable, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] command = [.. s_hearing, executable.Path, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in executable.Environment)
            start.Environment[name] = value;
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        Process process = new() { StartInfo = start };
        TestProcess running = new(process);
        process.OutputDataReceived += (_, line) => running.Keep(running._outputLines, line.Data);
        process.ErrorDataReceived += (_, line) => running.Keep(running._errorLines, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<TestProcess> RunAsync(Executable executable, params string[] arguments)
    {
        TestProcess process = Start(executable, arguments);
        await process.WaitForExitAsync();
        return process;
    }

    /// <summary>
    /// The first line of either stream that has <paramref name="text"/> in it, past or to come.
    /// </summary>
    public Task<string> WaitForLineAsync(string text) =>
        WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), text);

    public async Task<string> WaitForLineAsync(Predicate<string> isIt, string what)
    {
        TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            string? past = _outputLines.Concat(_errorLines).FirstOrDefault(line => isIt(line));
            if (past is not null)
                return past;
            _waiters.Add((isIt, found));
        }

        Task exited = _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        try
        {
            await Task.WhenAny(found.Task, exited).WaitAsync(Deadlines.Step, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"No line with '{what}' within {Deadlines.Step}.\n{Describe()}");
        }

        return found.Task.IsCompletedSuccessfully
            ? await found.Task
            : throw new InvalidOperationException($"The process ended without a line with '{what}'.\n{Describe()}");
    }

    public Task<int> WaitForExitAsync() => WaitForExitAsync(Deadlines.Step);

    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(within, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"The process still runs after {within}.\n{Describe()}");
        }

        return _process.ExitCode;
    }

    public void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
            throw new InvalidOperationException($"kill({_process.Id}, {signal}) failed: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>As a power cut for the process: nothing of its own runs any more.</summary>
    public async Task KillAsync()
    {
        Signal(SigKill);
        await WaitForExitAsync();
    }

    public string Describe() => $"--- standard output\n{Output}\n--- standard error\n{Errors}";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    // Of coreutils; it becomes the command, which has its id. Elsewhere the tests depend on how they were started.
    private static string[] DefaultSignals()
    {
        string[] command = ["env", "--default-signal=HUP,INT,QUIT"];
        try
        {
            using Process probe = Process.Start(
                new ProcessStartInfo(command[0], [.. command[1..], "true"]) { RedirectStandardError = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0 ? command : [];
        }
        catch (Win32Exception)
        {
            return [];
        }
    }

    private void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;
        lock (_waiting)
        {
            lines.Enqueue(line);
            foreach ((Predicate<string> isIt, TaskCompletionSource<string> found) in _waiters)
            {
                if (isIt(line))
                    found.TrySetResult(line);
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
