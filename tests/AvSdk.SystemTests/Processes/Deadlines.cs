namespace AvSdk.SystemTests.Processes;

/// <summary>How long a test waits for something before it fails. Generous: the machines are shared.</summary>
internal static class Deadlines
{
    public static TimeSpan Step { get; } = TimeSpan.FromMinutes(3);
}
