namespace AvSdk.Simulation.Clock;

/// <summary>
/// From a process's start to its end. When it has ended nothing of it has an effect: its timers do not fire,
/// its disk and its links fail or never answer.
/// </summary>
internal sealed class Life(string name)
{
    private static readonly Task s_never = new TaskCompletionSource().Task;

    public string Name { get; } = name;

    public bool IsOver { get; private set; }

    /// <summary>What a killed process waits for.</summary>
    public static Task Never => s_never;

    public void End() => IsOver = true;
}
