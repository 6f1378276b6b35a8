namespace AvSdk.Mcap.Tool.Commands;

/// <summary>What the process's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>Done, and nothing is missing.</summary>
    public const int Done = 0;

    /// <summary>The world refused: no such file, a full disk, a server that does not answer.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was read or written.</summary>
    public const int Usage = 2;

    /// <summary>
    /// Done, but not everything is there: messages lost in recovery, payloads that do not decode, errors found.
    /// </summary>
    public const int Incomplete = 3;

    /// <summary>The input is not MCAP, or too damaged for this command.</summary>
    public const int Unreadable = 4;

    /// <summary>Interrupted; no output was left.</summary>
    public const int Interrupted = 130;

    public const string Explanation =
        "Exit codes: 0 done; 1 the disk, the network or a file refused; 2 wrong command line; 3 done, but with "
        + "losses (recover), undecodable payloads (cat), errors found (doctor) or an unsealed input; "
        + "4 the input is not MCAP or is damaged; 130 interrupted, no output left.";
}
