using System.Buffers;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>What the agent answers to a mark.</summary>
internal readonly record struct MarkedRecord(Guid MarkId, byte Outcome, string Reason)
{
    /// <summary>The result of what cannot be a mark.</summary>
    public const byte Invalid = 255;
}

/// <summary>The private records of marks; their layouts stand at <see cref="IngestOpcode"/>.</summary>
internal static class IngestMarks
{
    private const uint MetadataMax = 1024;

    public static void Write(IBufferWriter<byte> output, RecordingMark mark)
    {
        ArrayBufferWriter<byte> content = new();
        IngestFieldWriter fields = new(content);
        fields.Guid(mark.Id);
        fields.UInt64(mark.LogTime ?? 0);
        fields.UInt64((ulong)mark.Before.Ticks * 100);
        fields.UInt64((ulong)mark.After.Ticks * 100);
        fields.Text(mark.Name);
        fields.UInt32((uint)mark.Metadata.Count);
        foreach ((string key, string value) in mark.Metadata)
        {
            fields.Text(key);
            fields.Text(value);
        }

        McapRecordWriter.WritePrivate(output, (byte)IngestOpcode.Mark, content.WrittenSpan);
    }

    public static void Write(IBufferWriter<byte> output, MarkedRecord marked)
    {
        ArrayBufferWriter<byte> content = new();
        IngestFieldWriter fields = new(content);
        fields.Guid(marked.MarkId);
        fields.UInt8(marked.Outcome);
        fields.Text(marked.Reason);
        McapRecordWriter.WritePrivate(output, (byte)IngestOpcode.Marked, content.WrittenSpan);
    }

    public static bool TryParse(ReadOnlySpan<byte> content, out RecordingMark mark)
    {
        IngestFieldReader fields = new(content);
        Guid id = fields.Guid();
        ulong logTime = fields.UInt64();
        TimeSpan before = ToTime(fields.UInt64());
        TimeSpan after = ToTime(fields.UInt64());
        mark = new RecordingMark { Id = id, Name = fields.Text(), Before = before, After = after };
        if (logTime > 0)
            mark = mark with { LogTime = logTime };
        uint count = fields.UInt32();
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        for (uint at = 0; at < Math.Min(count, MetadataMax) && fields.IsGood; at++)
        {
            string key = fields.Text();
            metadata[key] = fields.Text();
        }

        mark = mark with { Metadata = metadata };
        return fields.IsGood && count <= MetadataMax;
    }

    public static bool TryParse(ReadOnlySpan<byte> content, out MarkedRecord marked)
    {
        IngestFieldReader fields = new(content);
        marked = new MarkedRecord(fields.Guid(), fields.UInt8(), fields.Text());
        return fields.IsGood;
    }

    /// <summary>Marks, and says what came of it.</summary>
    public static MarkedRecord Mark(IRecorder recorder, RecordingMark mark)
    {
        if (mark.Problem() is { } problem)
            return new MarkedRecord(mark.Id, MarkedRecord.Invalid, problem);
        MarkResult result = recorder.Mark(mark);
        string reason = result switch
        {
            MarkResult.Accepted => "",
            MarkResult.RefusedTooMany =>
                "There are as many marks as may be (marksMax) whose recordings wait for the gateway.",
            MarkResult.RefusedInFuture => "Its moment is more than an hour ahead: a clock is wrong, or the unit.",
            _ => "The recorder is stopping.",
        };
        return new MarkedRecord(mark.Id, (byte)result, reason);
    }

    // Too long is for the recorder to say, in its own words.
    private static TimeSpan ToTime(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / 100));
}
