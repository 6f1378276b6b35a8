using System.Globalization;

namespace AvSdk.Agent.Systemd;

/// <summary>How often the service manager wants to hear from the agent: sd_watchdog_enabled(3).</summary>
internal static class WatchdogInterval
{
    /// <summary>The whole time that the manager waits; null when it does not watch this process.</summary>
    public static TimeSpan? FromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        string own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(process) && process != own)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
