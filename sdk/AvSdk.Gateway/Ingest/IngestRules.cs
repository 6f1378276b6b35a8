using System.Text;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// What each message must look like, by protos/av/v1. Each check returns null, or a sentence that names the
/// field, what it holds and what it must hold.
/// </summary>
internal static class IngestRules
{
    public const int HashBytes = 32;
    private const int NameBytesMax = 512;
    private const int LedgerBytesMax = 1 << 20;
    private const int ChannelIdMax = ushort.MaxValue;

    public static string? CheckVehicleId(string id, string field) =>
        IsName(id, 128) && id.Trim('.').Length > 0
            ? null
            : $"{field} is \"{Shown(id)}\"; it must be 1 to 128 of A-Z a-z 0-9 . _ - and not of dots alone.";

    public static string? CheckLane(string lane, string field) =>
        IsName(lane, 64) ? null : $"{field} is \"{Shown(lane)}\"; it must be 1 to 64 of A-Z a-z 0-9 . _ -.";

    public static string? CheckRecordingId(ByteString id, string field) =>
        RecordingIds.TryRead(id, out _)
            ? null
            : $"{field} has {id.Length} bytes{(id.Length == 16 ? ", all zero" : "")}; "
                + "it must be a UUID of 16.";

    public static string? CheckDefine(Define define, IngestLimits limits)
    {
        RecordingInfo? recording = define.Recording;
        if (recording is null)
            return "define.recording is missing.";
        string? problem = CheckRecordingId(recording.RecordingId, "define.recording.recording_id")
            ?? CheckVehicleId(recording.VehicleId, "define.recording.vehicle_id")
            ?? CheckText(recording.Recorder, "define.recording.recorder", 0)
            ?? CheckMap(recording.Labels, "define.recording.labels", limits);
        foreach (SchemaDefinition schema in define.Schemas)
            problem ??= CheckSchema(schema);
        foreach (ChannelDefinition channel in define.Channels)
            problem ??= CheckChannel(channel, limits);
        return problem;
    }

    public static string? CheckAnnounce(Announce announce, IngestLimits limits)
    {
        if (announce.Headers.Count > limits.HeadersMax)
        {
            return $"announce has {announce.Headers.Count} headers; "
                + $"send at most {limits.HeadersMax} at once.";
        }

        foreach (ChunkHeader header in announce.Headers)
        {
            if (CheckHeader(header) is { } problem)
                return problem;
        }

        return null;
    }

    public static string? CheckPart(Part part, IngestLimits limits)
    {
        if (CheckRef(part.Ref, "part.ref") is { } problem)
            return problem;
        if (part.Data.Length == 0)
            return "part.data is empty.";
        if (part.Data.Length > limits.PartBytesMax)
        {
            return $"part.data has {part.Data.Length} bytes; at most {limits.PartBytesMax} "
                + "(opened.part_bytes_max).";
        }

        return part.Offset > long.MaxValue ? $"part.offset is {part.Offset}; no chunk is that large." : null;
    }

    public static string? CheckEnd(End end)
    {
        if (end.End_ is not { } told)
            return "end.end is missing.";
        string? problem = CheckRecordingId(told.RecordingId, "end.end.recording_id");
        foreach (LaneEnd lane in told.Lanes)
        {
            problem ??= CheckLane(lane.Lane, "end.end.lanes.lane");
            if (lane.LastSequence > long.MaxValue)
                problem ??= $"end.end.lanes.last_sequence is {lane.LastSequence}; no lane is that long.";
        }

        return problem;
    }

    // What is wrong with the entries themselves is refused with the ledger, not with the stream: a vehicle whose ledger
    // is broken still delivers.
    public static string? CheckLedger(TellLedger told)
    {
        long bytes = told.Entries.Sum(static entry => (long)entry.Length);
        return bytes > LedgerBytesMax
            ? $"ledger.entries have {bytes} bytes; send at most {LedgerBytesMax} at once."
            : CheckRecordingId(told.RecordingId, "ledger.recording_id");
    }

    private static string? CheckHeader(ChunkHeader header)
    {
        if (CheckRef(header.Ref, "announce.headers.ref") is { } problem)
            return problem;
        string at = $"The header of chunk {ChunkKey.From(header.Ref)}";
        if (header.Sha256.Length != HashBytes || header.PreviousSha256.Length != HashBytes)
        {
            return $"{at} has hashes of {header.Sha256.Length} and {header.PreviousSha256.Length} bytes; "
                + $"both must have {HashBytes}.";
        }

        if (header.Ref.Sequence == 1 && header.PreviousSha256.Span.ContainsAnyExcept((byte)0))
            return $"{at} names a predecessor; sequence 1 has none (32 zero bytes).";
        if (header.FirstLogTime > header.LastLogTime)
        {
            return $"{at} has first_log_time {header.FirstLogTime} after last_log_time {header.LastLogTime}; "
                + "the earliest and the latest were swapped.";
        }

        if (header.BodyBytes is 0 or > long.MaxValue || header.UncompressedBytes > long.MaxValue)
        {
            return $"{at} has body_bytes {header.BodyBytes} and uncompressed_bytes "
                + $"{header.UncompressedBytes}.";
        }

        if (CheckText(header.Compression, "compression", 0) is { } text)
            return $"{at}: {text}";
        return CheckCounts(header, at);
    }

    private static string? CheckCounts(ChunkHeader header, string at)
    {
        if (header.Channels.Count == 0)
            return $"{at} names no channel; an empty chunk is not recorded.";
        uint last = 0;
        foreach (ChunkChannel channel in header.Channels)
        {
            if (channel.ChannelId <= last || channel.ChannelId > ChannelIdMax)
            {
                return $"{at} names channel {channel.ChannelId} after {last}; ids are 1 to {ChannelIdMax}, "
                    + "each once, in ascending order.";
            }

            if (channel.Messages is 0 or > long.MaxValue || channel.PayloadBytes > long.MaxValue)
            {
                return $"{at} has {channel.Messages} messages of {channel.PayloadBytes} bytes in channel "
                    + $"{channel.ChannelId}; a channel that is named has at least one.";
            }

            last = channel.ChannelId;
        }

        return null;
    }

    private static string? CheckRef(ChunkRef? chunk, string field)
    {
        if (chunk is null)
            return $"{field} is missing.";
        return CheckRecordingId(chunk.RecordingId, field + ".recording_id")
            ?? CheckLane(chunk.Lane, field + ".lane")
            ?? (chunk.Sequence is 0 or > long.MaxValue
                ? $"{field}.sequence is {chunk.Sequence}; sequences begin at 1."
                : null);
    }

    private static string? CheckSchema(SchemaDefinition schema)
    {
        if (schema.Sha256.Length != HashBytes)
        {
            return $"define.schemas.sha256 of {Shown(schema.Name)} has {schema.Sha256.Length} bytes, "
                + $"not {HashBytes}.";
        }

        string? problem = CheckText(schema.Name, "define.schemas.name", 0)
            ?? CheckText(schema.Encoding, "define.schemas.encoding", 0);
        if (problem is not null || schema.Data.Length == 0)
            return problem;
        return SchemaHash.Matches(schema)
            ? null
            : $"define.schemas.sha256 of {Shown(schema.Name)} is not the hash of its encoding, 0, name, 0, "
                + "data.";
    }

    private static string? CheckChannel(ChannelDefinition channel, IngestLimits limits)
    {
        if (channel.ChannelId is 0 or > ChannelIdMax)
            return $"define.channels.channel_id is {channel.ChannelId}; it must be 1 to {ChannelIdMax}.";
        string at = $"define.channels of channel {channel.ChannelId}";
        if (channel.SchemaId > ChannelIdMax)
            return $"{at}: schema_id is {channel.SchemaId}; it must be at most {ChannelIdMax}.";
        if (channel.SchemaSha256.Length != (channel.SchemaId == 0 ? 0 : HashBytes))
        {
            return $"{at}: schema_id {channel.SchemaId} with a hash of {channel.SchemaSha256.Length} bytes; "
                + "a schema has an id and a hash of 32, no schema has neither.";
        }

        return CheckText(channel.Topic, at + ": topic", 1)
            ?? CheckText(channel.MessageEncoding, at + ": message_encoding", 0)
            ?? CheckLane(channel.Lane, at + ": lane")
            ?? CheckMap(channel.Metadata, at + ": metadata", limits);
    }

    private static string? CheckText(string text, string field, int bytesMin)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        return bytes >= bytesMin && bytes <= NameBytesMax
            ? null
            : $"{field} has {bytes} bytes; it must have {bytesMin} to {NameBytesMax}.";
    }

    private static string? CheckMap(MapField<string, string> map, string field, IngestLimits limits)
    {
        long bytes = map.Sum(pair =>
            (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        return bytes <= limits.TextMapBytesMax
            ? null
            : $"{field} has {bytes} bytes; at most {limits.TextMapBytesMax}.";
    }

    private static bool IsName(string text, int lengthMax) =>
        text.Length >= 1 && text.Length <= lengthMax
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    // What goes into a message to a person is short and printable, whatever came.
    private static string Shown(string text) =>
        string.Concat(text.Take(64).Select(c => char.IsControl(c) ? '?' : c));
}
