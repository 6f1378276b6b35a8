using AvSdk.Gateway.Ingest;

namespace AvSdk.Gateway.Mqtt;

/// <summary>What streams over a broker lead into.</summary>
/// <param name="OpenStream">A shell for one vehicle's stream; the caller disposes it.</param>
/// <param name="Meter">Counts them.</param>
/// <param name="Software">The gateway's, as its status says.</param>
internal sealed record MqttIngestPorts(Func<IngestStream> OpenStream, GatewayMeter Meter, string Software);
