namespace AvSdk.Agent.Commands;

/// <summary>What the process's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>Done, or stopped in order.</summary>
    public const int Done = 0;

    /// <summary>The world failed: disk, network, another process.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int Misconfigured = 2;

    /// <summary>A second signal ended the process before everything was flushed.</summary>
    public const int Forced = 3;

    /// <summary>A spool, or what was wanted of it, is damaged.</summary>
    public const int Damaged = 4;
}
