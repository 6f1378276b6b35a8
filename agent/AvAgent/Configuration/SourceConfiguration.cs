namespace AvSdk.Agent.Configuration;

/// <summary>Where messages come from.</summary>
internal abstract record SourceConfiguration;

internal enum SourceFullPolicy
{
    /// <summary>
    /// The agent stops reading the socket until there is room: the writer decides what to drop.
    /// </summary>
    Wait,

    /// <summary>The agent reads on, drops and counts.</summary>
    Drop,
}

/// <summary>A Unix socket that takes MCAP record streams.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Mode">Who may write to it; null: the owner and the group.</param>
internal sealed record SocketSource(string Path, UnixFileMode? Mode, SourceFullPolicy WhenFull)
    : SourceConfiguration;

/// <summary>A file that is replayed once the agent records.</summary>
/// <param name="File">Absolute.</param>
/// <param name="Rate">1: as recorded; 0: as fast as the recorder takes it.</param>
internal sealed record ReplaySource(string File, double Rate) : SourceConfiguration;

/// <summary>A vehicle made of numbers, for trying out an installation.</summary>
/// <param name="Duration">Null: until the agent stops.</param>
internal sealed record SimulatedSource(int Seed, TimeSpan? Duration, double Rate) : SourceConfiguration;
