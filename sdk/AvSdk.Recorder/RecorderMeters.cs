using System.Diagnostics.Metrics;

namespace AvSdk.Recording;

/// <summary>Measurements of a recorder, meter <c>AvSdk.Recorder</c>, named as OpenTelemetry asks.</summary>
internal sealed class RecorderMeters : IDisposable
{
    public const string MeterName = "AvSdk.Recorder";

    private readonly Meter _meter = new(MeterName);

    public RecorderMeters(Func<RecorderStatus> status, Func<LedgerSummary> ledger)
    {
        SpooledBytes = _meter.CreateCounter<long>(
            "avsdk.recorder.chunk.body", "By", "Bytes of chunk bodies written to the spool.");
        SpooledChunks = _meter.CreateCounter<long>(
            "avsdk.recorder.chunk.count", "{chunk}", "Chunks written to the spool.");
        SentBytes = _meter.CreateCounter<long>(
            "avsdk.recorder.uplink.io", "By", "Bytes of parts sent to the gateway.");
        EndedChunks = _meter.CreateCounter<long>(
            "avsdk.recorder.chunk.ended", "{chunk}", "Chunks that ended, by outcome.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.memory.usage", () => status().MemoryBytes, "By",
            "Memory of chunks not in the spool yet.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.spool.usage", () => status().SpoolBytes, "By", "Bytes of all segments.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.disk.refused", () => status().Disk.Refuses ? 1 : 0, "1",
            "1: the disk refuses, and chunks are held in memory.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.disk.held", () => status().Disk.HeldChunks, "{chunk}",
            "Chunks held in memory since the disk refuses them.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.uplink.breaker", () => (long)status().Uplink.Breaker, "1",
            "0: attempts to reach the gateway are made; 1: none for a while; 2: one.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.chunk.pending", () => Lanes(status(), static lane => lane.PendingChunks), "{chunk}",
            "Chunks without a receipt.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.lane.time_to_empty", () => Lanes(status(), static lane => (long?)lane.TimeToEmpty?.TotalSeconds),
            "s", "When nothing of the lane is pending any more, if nothing is added; absent: not known.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.pending.usage", () => Lanes(status(), static lane => lane.PendingBytes), "By",
            "Bytes of chunks without a receipt.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.link.used", () => Links(status(), static link => link.State == LinkState.Used ? 1 : 0), "1",
            "1: the link is used.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.link.sent.today", () => Links(status(), static link => link.BytesToday), "By",
            "Bytes of messages that went over the link today.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.link.sent.month", () => Links(status(), static link => link.BytesThisMonth), "By",
            "Bytes of messages that went over the link this month.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.link.left.today", () => Links(status(), static link => link.LeftToday), "By",
            "What the day's budget of the link has left.");
        _meter.CreateObservableGauge(
            "avsdk.recorder.link.left.month", () => Links(status(), static link => link.LeftThisMonth), "By",
            "What the month's budget of the link has left.");
        _meter.CreateObservableCounter(
            "avsdk.recorder.message.accepted", () => (long)ledger().Accepted, "{message}", "Messages accepted.");
        _meter.CreateObservableCounter(
            "avsdk.recorder.message.dropped", () => (long)ledger().Dropped, "{message}", "Messages refused or lost.");
        _meter.CreateObservableCounter(
            "avsdk.recorder.live.published", () => status().Live.Published, "{message}", "Samples for those who watch.");
        _meter.CreateObservableCounter(
            "avsdk.recorder.live.dropped", () => status().Live.Dropped, "{message}", "Samples that nobody got.");
        _meter.CreateObservableCounter(
            "avsdk.recorder.live.withheld", () => status().Live.Withheld, "{message}", "Samples that no link may carry.");
    }

    public Counter<long> SpooledBytes { get; }

    public Counter<long> SpooledChunks { get; }

    public Counter<long> SentBytes { get; }

    public Counter<long> EndedChunks { get; }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Lanes(RecorderStatus status, Func<LaneStatus, long?> value)
    {
        foreach (LaneStatus lane in status.Lanes)
        {
            if (value(lane) is { } known)
                yield return new Measurement<long>(known, new KeyValuePair<string, object?>("avsdk.lane", lane.Name));
        }
    }

    private static IEnumerable<Measurement<long>> Links(RecorderStatus status, Func<LinkStatus, long?> value)
    {
        foreach (LinkStatus link in status.Links)
        {
            if (value(link) is { } known)
                yield return new Measurement<long>(known, new KeyValuePair<string, object?>("avsdk.link", link.Name));
        }
    }
}
