namespace AvSdk.Quickstart;

/// <summary>What the command line asked for.</summary>
/// <param name="InputFile">An MCAP file to replay; null: a simulated drive.</param>
/// <param name="DriveDuration">Length of the simulated drive, in its own time.</param>
/// <param name="Seed">Seed of the simulated drive.</param>
/// <param name="Json">Print the last line of JSON, and end without waiting.</param>
/// <param name="OverMqtt">Ship over an MQTT broker instead of gRPC.</param>
internal sealed record QuickstartOptions(
    string? InputFile, TimeSpan DriveDuration, int Seed, bool Json, bool OverMqtt = false);
