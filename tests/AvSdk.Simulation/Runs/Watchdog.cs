using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Runs;

/// <summary>
/// A thread that only looks: when a run makes no progress in real time, something blocks the pool's one thread,
/// or runs for ever without waiting. The process says so and ends.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _done = new();
    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private VirtualClock? _clock;
    private int _seed;

    public Watchdog(TextWriter output)
    {
        _output = output;
        new Thread(Look) { IsBackground = true, Name = "watchdog" }.Start();
    }

    /// <summary>The exit code of a process that was stuck.</summary>
    public static int ExitCode => 3;

    public void Watch(int seed, Driver driver, VirtualClock clock)
    {
        _ = driver;
        lock (_gate)
            (_seed, _clock) = (seed, clock);
    }

    public void Rest()
    {
        lock (_gate)
            _clock = null;
    }

    public void Dispose() => _done.Set();

    private void Look()
    {
        long events = -1;
        VirtualClock? clock = null;
        TimeSpan still = TimeSpan.Zero;
        while (!_done.Wait(TimeSpan.FromSeconds(1)))
        {
            lock (_gate)
            {
                long now = _clock?.Events ?? -1;
                still = _clock is null || _clock != clock || now != events ? TimeSpan.Zero : still + TimeSpan.FromSeconds(1);
                (events, clock) = (now, _clock);
                if (still < s_patience)
                    continue;
                _output.WriteLine(
                    $"stuck {_seed}: at {clock!.Now} virtual time nothing moved for {s_patience.TotalSeconds} s");
                _output.Flush();
                Environment.Exit(ExitCode);
            }
        }
    }
}
