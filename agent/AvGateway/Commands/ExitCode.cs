namespace AvSdk.GatewayHost.Commands;

/// <summary>What the process's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>Done, or stopped in order.</summary>
    public const int Done = 0;

    /// <summary>Could not start or go on: a port is taken, the disk refuses.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int Misconfigured = 2;
}
