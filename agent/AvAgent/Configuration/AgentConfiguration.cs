using AvSdk.Contracts.Identity;
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
/// <param name="IsPlaintextBeyondLoopback">Anybody on the way can read and change what is sent.</param>
/// <param name="Tls">Null: without TLS, or with the system's authorities and no certificate of its own.</param>
/// <param name="Mqtt">Null: over gRPC.</param>
internal sealed record GatewayConfiguration(
    string Address, bool IsPlaintextBeyondLoopback, TlsConfiguration? Tls, MqttConfiguration? Mqtt)
{
    public bool IsTls => new Uri(Address).Scheme is "https" or "mqtts";
}

/// <param name="ClientId">Null: the vehicle's name.</param>
/// <param name="UserName">Null: none.</param>
/// <param name="PasswordFile">A full path, its first line is the password; null: none.</param>
/// <param name="PublicationBytesMax">Null: the default.</param>
internal sealed record MqttConfiguration(
    string? ClientId, string? UserName, string? PasswordFile, int? PublicationBytesMax);

/// <param name="CertificateFile">A full path; null: no certificate of its own.</param>
/// <param name="KeyFile">A full path; null: none.</param>
/// <param name="AuthoritiesFile">A full path; null: the system's.</param>
/// <param name="ServerName">Null: the host of the address.</param>
internal sealed record TlsConfiguration(
    string? CertificateFile, string? KeyFile, string? AuthoritiesFile, string? ServerName)
{
    public IdentityFileNames ToNames() =>
        new() { CertificateFile = CertificateFile, KeyFile = KeyFile, AuthoritiesFile = AuthoritiesFile };
}

internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record LoggingConfiguration(LogLevel Level, LogFormat Format);
