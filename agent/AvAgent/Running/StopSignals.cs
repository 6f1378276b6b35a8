using System.Runtime.InteropServices;
using AvSdk.Agent.Commands;

namespace AvSdk.Agent.Running;

/// <summary>
/// SIGTERM and SIGINT: the first asks to stop in order, the second ends the process at once. What is in the
/// spool by then stays there, and goes with the next start.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _asked = new();
    private int _count;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Asked => _asked.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _asked.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            Console.Error.WriteLine(
                "A second signal: ends at once. What is in the spool goes with the next start.");
            Environment.Exit(ExitCode.Forced);
        }

        _asked.Cancel();
    }
}
