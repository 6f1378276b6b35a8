using System.Globalization;
using System.Text.Json;
using AvSdk.Recording.Inspection;

namespace AvSdk.Agent.Commands;

/// <summary>What the <c>spool</c> commands say as JSON. Log times are decimal strings of ns since 1970.</summary>
internal static class SpoolJson
{
    public static void Write(Utf8JsonWriter json, SpoolListing listing)
    {
        json.WriteStartObject();
        json.WriteStartArray("recordings");
        foreach (ListedRecording recording in listing.Recordings)
        {
            json.WriteStartObject();
            json.WriteString("recording", recording.RecordingId);
            json.WriteString("vehicle", recording.VehicleId);
            WriteTime(json, "startedAt", recording.StartedAt);
            json.WriteBoolean("hasEnded", recording.HasEnded);
            json.WriteBoolean("endIsTold", recording.EndIsTold);
            json.WriteStartArray("lanes");
            foreach (ListedLane lane in recording.Lanes)
                Write(json, lane);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("damagedFiles");
        foreach (SpoolDamagedFile file in listing.DamagedFiles)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("journalIsWhole", listing.JournalIsWhole);
        json.WriteNumber("bytes", listing.Bytes);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SpoolCheckReport report)
    {
        json.WriteStartObject();
        json.WriteBoolean("isGood", report.IsGood);
        json.WriteNumber("segments", report.Segments);
        json.WriteNumber("chunks", report.Chunks);
        json.WriteNumber("messages", report.Messages);
        json.WriteNumber("bytes", report.Bytes);
        Write(json, "findings", report.Findings);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SpoolRepairReport report)
    {
        json.WriteStartObject();
        json.WriteNumber("segmentsSealed", report.SegmentsSealed);
        json.WriteNumber("bytesCut", report.BytesCut);
        json.WriteNumber("segmentsSplit", report.SegmentsSplit);
        json.WriteNumber("chunksLost", report.ChunksLost);
        json.WriteNumber("filesPutAside", report.FilesPutAside);
        json.WriteBoolean("journalRebuilt", report.JournalRebuilt);
        json.WriteStartArray("actions");
        foreach (string action in report.Actions)
            json.WriteStringValue(action);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SpoolExportReport report)
    {
        json.WriteStartObject();
        json.WriteNumber("recordings", report.Recordings);
        json.WriteNumber("messages", report.Messages);
        json.WriteNumber("chunksCopied", report.ChunksCopied);
        json.WriteNumber("chunksFiltered", report.ChunksFiltered);
        Write(json, "leftOut", report.LeftOut);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ListedLane lane)
    {
        json.WriteStartObject();
        json.WriteString("name", lane.Name);
        json.WriteNumber("segments", lane.Segments);
        json.WriteNumber("unreadableSegments", lane.UnreadableSegments);
        json.WriteNumber("chunks", lane.Chunks);
        json.WriteNumber("messages", lane.Messages);
        json.WriteNumber("bytes", lane.Bytes);
        WriteTime(json, "firstLogTime", lane.FirstLogTime);
        WriteTime(json, "lastLogTime", lane.LastLogTime);
        json.WriteNumber("pending", lane.Ends.Pending);
        json.WriteNumber("delivered", lane.Ends.Delivered);
        json.WriteNumber("evicted", lane.Ends.Evicted);
        json.WriteNumber("damaged", lane.Ends.Damaged);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<SpoolFinding> findings)
    {
        json.WriteStartArray(name);
        foreach (SpoolFinding finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("file", finding.File);
            if (finding.Sequence is { } sequence)
                json.WriteNumber("chunk", sequence);
            json.WriteBoolean("isDamage", finding.IsDamage);
            json.WriteString("problem", finding.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, ulong? ns) =>
        json.WriteString(name, ns?.ToString(CultureInfo.InvariantCulture));
}
