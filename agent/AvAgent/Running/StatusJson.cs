using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AvSdk.Recording;

namespace AvSdk.Agent.Running;

/// <summary>The agent's status as JSON: what <c>avagent status</c> asks for over the ingest socket.</summary>
internal static class StatusJson
{
    public static ReadOnlyMemory<byte> Write(
        RecorderStatus status, LedgerSummary ledger, ReloadStatus reload, X509Certificate2? certificate)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteString("recording", status.RecordingId);
            json.WriteString("vehicle", status.VehicleId);
            json.WriteString("startedAt", status.StartedAt);
            json.WriteNumber("memoryBytes", status.MemoryBytes);
            json.WriteNumber("spoolBytes", status.SpoolBytes);
            json.WriteNumber("freeBytes", status.FreeBytes);
            json.WriteString("lastSpoolError", status.LastSpoolError);
            WriteDisk(json, status.Disk);
            json.WriteStartObject("live");
            json.WriteNumber("published", status.Live.Published);
            json.WriteNumber("dropped", status.Live.Dropped);
            json.WriteNumber("withheld", status.Live.Withheld);
            json.WriteEndObject();
            WriteLanes(json, status.Lanes);
            WriteUplink(json, status.Uplink);
            WriteLinks(json, status.Links);
            WriteCertificate(json, certificate);
            WriteRecovery(json, status.Recovery);
            WriteConfiguration(json, reload);
            WriteMessages(json, ledger);
            WriteProcess(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteDisk(Utf8JsonWriter json, DiskStatus disk)
    {
        json.WriteStartObject("disk");
        json.WriteBoolean("refuses", disk.Refuses);
        if (disk.Since is { } since)
            json.WriteString("since", since);
        json.WriteNumber("heldChunks", disk.HeldChunks);
        json.WriteNumber("droppedChunks", disk.DroppedChunks);
        json.WriteEndObject();
    }

    private static void WriteLanes(Utf8JsonWriter json, IReadOnlyList<LaneStatus> lanes)
    {
        json.WriteStartArray("lanes");
        foreach (LaneStatus lane in lanes)
        {
            json.WriteStartObject();
            json.WriteString("name", lane.Name);
            json.WriteNumber("lastSequence", lane.LastSequence);
            json.WriteNumber("pendingChunks", lane.PendingChunks);
            json.WriteNumber("pendingBytes", lane.PendingBytes);
            json.WriteNumber("spoolBytes", lane.SpoolBytes);
            json.WriteBoolean("isFull", lane.IsFull);
            json.WriteString("fullReason", lane.FullReason);
            json.WriteNumber("pinnedChunks", lane.PinnedChunks);
            WriteKnown(json, "secondsToEmpty", (long?)lane.TimeToEmpty?.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCertificate(Utf8JsonWriter json, X509Certificate2? certificate)
    {
        if (certificate is null)
            return;
        json.WriteStartObject("certificate");
        json.WriteString("subject", certificate.Subject);
        json.WriteString("serial", certificate.SerialNumber);
        json.WriteString("notBefore", certificate.NotBefore.ToUniversalTime());
        json.WriteString("notAfter", certificate.NotAfter.ToUniversalTime());
        json.WriteEndObject();
    }

    private static void WriteUplink(Utf8JsonWriter json, UplinkStatus uplink)
    {
        json.WriteStartObject("uplink");
        json.WriteString("name", uplink.Name);
        json.WriteString("state", uplink.State switch
        {
            UplinkState.None => "none",
            UplinkState.Connecting => "connecting",
            UplinkState.Connected => "connected",
            UplinkState.Waiting => "waiting",
            _ => "stopped",
        });
        json.WriteString("breaker", uplink.Breaker switch
        {
            UplinkBreakerState.Closed => "closed",
            UplinkBreakerState.Open => "open",
            _ => "probing",
        });
        json.WriteString("lastError", uplink.LastError);
        json.WriteNumber("attempts", uplink.Attempts);
        json.WriteNumber("partBytes", uplink.PartBytes);
        json.WriteNumber("chunksDelivered", uplink.ChunksDelivered);
        json.WriteNumber("chunksRejected", uplink.ChunksRejected);
        json.WriteNumber("bytesPerSecond", (long)uplink.BytesPerSecond);
        json.WriteEndObject();
    }

    private static void WriteLinks(Utf8JsonWriter json, IReadOnlyList<LinkStatus> links)
    {
        if (links.Count == 0)
            return;
        json.WriteStartArray("links");
        foreach (LinkStatus link in links)
        {
            json.WriteStartObject();
            json.WriteString("name", link.Name);
            json.WriteString("state", link.State switch
            {
                LinkState.Used => "used",
                LinkState.Ready => "ready",
                LinkState.UsedUp => "usedUp",
                LinkState.Closed => "closed",
                _ => "down",
            });
            json.WriteString("class", link.Class);
            json.WriteString("why", link.Why);
            if (link.Until is { } until)
                json.WriteString("until", until);
            json.WriteNumber("bytesToday", link.BytesToday);
            json.WriteNumber("bytesThisMonth", link.BytesThisMonth);
            WriteKnown(json, "leftToday", link.LeftToday);
            WriteKnown(json, "leftThisMonth", link.LeftThisMonth);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Null: not known, or no limit.
    private static void WriteKnown(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } known)
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }

    private static void WriteConfiguration(Utf8JsonWriter json, ReloadStatus reload)
    {
        json.WriteStartObject("configuration");
        json.WriteString("inForceSince", reload.InForceSince);
        json.WriteNumber("applied", reload.Applied);
        json.WriteNumber("refused", reload.Refused);
        json.WriteStartArray("problems");
        foreach (string problem in reload.Problems)
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRecovery(Utf8JsonWriter json, RecoveryStatus recovery)
    {
        json.WriteStartObject("recovery");
        json.WriteBoolean("isDone", recovery.IsDone);
        json.WriteNumber("recordings", recovery.Recordings);
        json.WriteNumber("segments", recovery.Segments);
        json.WriteNumber("chunks", recovery.Chunks);
        json.WriteNumber("bytesCut", recovery.BytesCut);
        json.WriteNumber("damagedFiles", recovery.DamagedFiles);
        json.WriteEndObject();
    }

    private static void WriteMessages(Utf8JsonWriter json, LedgerSummary ledger)
    {
        json.WriteStartArray("topics");
        foreach (TopicLedger topic in ledger.Topics)
        {
            json.WriteStartObject();
            json.WriteString("topic", topic.Topic);
            json.WriteString("lane", topic.Lane);
            json.WriteNumber("accepted", topic.Accepted);
            json.WriteNumber("delivered", topic.Delivered);
            json.WriteNumber("pending", topic.Pending);
            json.WriteNumber("evicted", topic.Evicted);
            json.WriteNumber("damaged", topic.Damaged);
            json.WriteStartObject("dropped");
            foreach ((string reason, ulong messages) in topic.Drops)
                json.WriteNumber(reason, messages);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteProcess(Utf8JsonWriter json)
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo();
        json.WriteStartObject("process");
        json.WriteNumber("residentBytes", Environment.WorkingSet);
        json.WriteNumber("heapBytes", GC.GetTotalMemory(forceFullCollection: false));
        json.WriteNumber("heapCommittedBytes", last.TotalCommittedBytes);
        json.WriteNumber("heapFragmentedBytes", last.FragmentedBytes);
        json.WriteNumber("allocatedBytes", GC.GetTotalAllocatedBytes());
        json.WriteNumber("collections", GC.CollectionCount(0));
        json.WriteNumber("fullCollections", GC.CollectionCount(2));
        json.WriteEndObject();
    }
}
