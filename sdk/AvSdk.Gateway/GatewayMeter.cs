using System.Diagnostics.Metrics;

namespace AvSdk.Gateway;

/// <summary>What one gateway counts, under the meter <c>AvSdk.Gateway</c>.</summary>
internal sealed class GatewayMeter : IDisposable
{
    public const string Name = "AvSdk.Gateway";

    public GatewayMeter()
    {
        Meter = new Meter(Name, GatewayVersion.Text);
        VehiclesConnected = Meter.CreateUpDownCounter<long>(
            "av.gateway.ingest.streams", "{stream}", "Upload streams that are open.");
        ChunksAnnounced = Meter.CreateCounter<long>(
            "av.gateway.ingest.announced", "{chunk}", "Chunk headers announced, repetitions included.");
        ChunksStored = Meter.CreateCounter<long>(
            "av.gateway.ingest.stored", "{chunk}", "Chunks made durable with their rows.");
        BytesStored = Meter.CreateCounter<long>(
            "av.gateway.ingest.stored_bytes", "By", "Bytes of bodies made durable.");
        ChunksAlreadyStored = Meter.CreateCounter<long>(
            "av.gateway.ingest.already_stored", "{chunk}", "Chunks that came again.");
        ChunksRejected = Meter.CreateCounter<long>(
            "av.gateway.ingest.rejected", "{chunk}", "Chunks that will never be taken.");
        ChunksDeferred = Meter.CreateCounter<long>(
            "av.gateway.ingest.retry_later", "{chunk}", "Chunks that were to be sent again later.");
        StreamsRefused = Meter.CreateCounter<long>(
            "av.gateway.ingest.refused", "{stream}", "Upload streams ended for a bad message.");
        SessionsTurnedAway = Meter.CreateCounter<long>(
            "av.gateway.ingest.turned_away", "{stream}", "Upload sessions told to come back later.");
        QueriesTurnedAway = Meter.CreateCounter<long>(
            "av.gateway.query.turned_away", "{request}", "Queries told to come back later.");
        PeersRefused = Meter.CreateCounter<long>(
            "av.gateway.peer.refused", "{request}", "Requests refused for their certificate.");
        CommitDuration = Meter.CreateHistogram<double>(
            "av.gateway.ingest.commit.duration", "s",
            "From the first append of a group to its rows being durable.");
        ChunksRead = Meter.CreateCounter<long>("av.gateway.query.read", "{chunk}", "Chunks sent to readers.");
        BytesRead = Meter.CreateCounter<long>(
            "av.gateway.query.read_bytes", "By", "Bytes of bodies sent to readers.");
        ExportsBuilt = Meter.CreateCounter<long>(
            "av.gateway.export.built", "{file}", "Exports written to the cache.");
        ExportsServed = Meter.CreateCounter<long>(
            "av.gateway.export.served", "{request}", "Export requests answered.");
    }

    public Meter Meter { get; }

    public UpDownCounter<long> VehiclesConnected { get; }

    public Counter<long> ChunksAnnounced { get; }

    public Counter<long> ChunksStored { get; }

    public Counter<long> BytesStored { get; }

    public Counter<long> ChunksAlreadyStored { get; }

    public Counter<long> ChunksRejected { get; }

    public Counter<long> ChunksDeferred { get; }

    public Counter<long> StreamsRefused { get; }

    public Counter<long> SessionsTurnedAway { get; }

    public Counter<long> QueriesTurnedAway { get; }

    public Counter<long> PeersRefused { get; }

    public Histogram<double> CommitDuration { get; }

    public Counter<long> ChunksRead { get; }

    public Counter<long> BytesRead { get; }

    public Counter<long> ExportsBuilt { get; }

    public Counter<long> ExportsServed { get; }

    /// <summary>Adds a value that is read when somebody looks.</summary>
    public void Observe(string name, string unit, string description, Func<long> value) =>
        Meter.CreateObservableGauge(name, value, unit, description);

    public void Dispose() => Meter.Dispose();
}
