using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AvSdk;

/// <summary>
/// What the SDK tells OpenTelemetry: a meter and an activity source, both named <c>AvSdk</c>.
/// </summary>
public static class AvSdkTelemetry
{
    /// <summary>The name for <c>AddMeter</c> and <c>AddSource</c>.</summary>
    public const string Name = "AvSdk";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> QueryMessages = Meter.CreateCounter<long>(
        "avsdk.query.messages", "{message}", "Messages that readings gave.");

    internal static readonly Counter<long> QueryBytes = Meter.CreateCounter<long>(
        "avsdk.query.received", "By", "Bytes of chunks that readings fetched.");

    internal static readonly Counter<long> QueryDamagedChunks = Meter.CreateCounter<long>(
        "avsdk.query.damaged_chunks", "{chunk}", "Chunks that were not what the vehicle recorded.");

    internal static readonly UpDownCounter<long> SocketConnections = Meter.CreateUpDownCounter<long>(
        "avsdk.ingest.connections", "{connection}", "Connections to the ingest socket.");

    internal static readonly Counter<long> SocketMessages = Meter.CreateCounter<long>(
        "avsdk.ingest.messages", "{message}", "Messages that came through the ingest socket.");

    internal static readonly Counter<long> SocketBytes = Meter.CreateCounter<long>(
        "avsdk.ingest.received", "By", "Bytes that came through the ingest socket.");

    internal static readonly Counter<long> SocketRefusedStreams = Meter.CreateCounter<long>(
        "avsdk.ingest.refused_streams", "{stream}", "Connections closed for bad bytes.");

    internal static readonly Counter<long> ClientReconnects = Meter.CreateCounter<long>(
        "avsdk.recorder_client.reconnects", "{connection}", "Connections to the agent made again after a "
            + "loss.");

    internal static readonly Counter<long> ClientDropped = Meter.CreateCounter<long>(
        "avsdk.recorder_client.dropped", "{message}", "Messages not taken, because the memory for them was "
            + "full.");
}
