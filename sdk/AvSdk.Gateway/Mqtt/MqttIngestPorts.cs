using AvSdk.Gateway.Ingest;

namespace AvSdk.Gateway.Mqtt;

/// <summary>What streams over a broker lead into.</summary>
/// <param name="OpenStream">A shell for one vehicle's stream; the caller disposes it.</param>
/// <param name="TurnAway">After how long a vehicle is to come back that there is no stream for.</param>
/// <param name="Meter">Counts them.</param>
/// <param name="Software">The gateway's, as its status says.</param>
internal sealed record MqttIngestPorts(
    Func<IngestStream> OpenStream, Func<string, TimeSpan> TurnAway, GatewayMeter Meter, string Software);
