using AvSdk.Recording;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Configuration;

/// <summary>What a configuration file says.</summary>
internal sealed record AgentConfiguration
{
    public required RecorderOptions Recorder { get; init; }

    /// <summary>Null: record to the spool only.</summary>
    public GatewayConfiguration? Gateway { get; init; }

    public required IReadOnlyList<SourceConfiguration> Sources { get; init; }

    /// <summary>The private key that signs the ledger; null: it is not signed.</summary>
    public string? LedgerKeyFile { get; init; }

    public required LoggingConfiguration Logging { get; init; }
}

/// <param name="Address">As the uplink takes it.</param>
internal sealed record GatewayConfiguration(string Address, bool IsPlaintextBeyondLoopback);

internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record LoggingConfiguration(LogLevel Level, LogFormat Format);
