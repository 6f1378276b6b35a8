using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Ingestion;

/// <summary>How far a topic of a source has come.</summary>
internal readonly record struct TopicPosition(string Topic, ulong Messages);

internal readonly record struct HelloRecord(ushort Protocol, Guid SourceId, string Software);

internal sealed record WelcomeRecord(
    ushort Protocol, Guid RecordingId, uint MessageBytesMax, IReadOnlyList<TopicPosition> Positions);

internal readonly record struct NextOrdinalRecord(ushort ChannelId, ulong Ordinal);

internal readonly record struct FlushedRecord(ulong Token, string Failure);

internal readonly record struct LostRecord(ushort ChannelId, ulong Messages, string Reason);

internal readonly record struct ErrorRecord(ulong Offset, string Message);

internal readonly record struct RefusedRecord(ushort ChannelId, string Reason);

/// <summary>The private records' bytes; their layouts stand at <see cref="IngestOpcode"/>.</summary>
internal static class IngestRecords
{
    public const ushort Protocol = 1;

    /// <summary>More topics than that are no list of positions.</summary>
    private const uint PositionsMax = 65_535;

    private delegate void Fill<in T>(IngestFieldWriter fields, T record);

    public static void Write(IBufferWriter<byte> output, in HelloRecord record) =>
        Write(output, IngestOpcode.Hello, record, static (fields, record) =>
        {
            fields.UInt16(record.Protocol);
            fields.Guid(record.SourceId);
            fields.Text(record.Software);
        });

    public static void Write(IBufferWriter<byte> output, WelcomeRecord record) =>
        Write(output, IngestOpcode.Welcome, record, static (fields, record) =>
        {
            fields.UInt16(record.Protocol);
            fields.Guid(record.RecordingId);
            fields.UInt32(record.MessageBytesMax);
            WritePositions(fields, record.Positions);
        });

    public static void Write(IBufferWriter<byte> output, in NextOrdinalRecord record) =>
        Write(output, IngestOpcode.NextOrdinal, record, static (fields, record) =>
        {
            fields.UInt16(record.ChannelId);
            fields.UInt64(record.Ordinal);
        });

    public static void WriteDurable(IBufferWriter<byte> output, IReadOnlyList<TopicPosition> positions) =>
        Write(output, IngestOpcode.Durable, positions,
            static (fields, record) => WritePositions(fields, record));

    public static void WriteFlush(IBufferWriter<byte> output, ulong token) =>
        Write(output, IngestOpcode.Flush, token, static (fields, record) => fields.UInt64(record));

    public static void Write(IBufferWriter<byte> output, in FlushedRecord record) =>
        Write(output, IngestOpcode.Flushed, record, static (fields, record) =>
        {
            fields.UInt64(record.Token);
            fields.Text(record.Failure);
        });

    public static void Write(IBufferWriter<byte> output, in LostRecord record) =>
        Write(output, IngestOpcode.Lost, record, static (fields, record) =>
        {
            fields.UInt16(record.ChannelId);
            fields.UInt64(record.Messages);
            fields.Text(record.Reason);
        });

    public static void WriteStatusRequest(IBufferWriter<byte> output, ulong token) =>
        Write(output, IngestOpcode.StatusRequest, token, static (fields, record) => fields.UInt64(record));

    public static void WriteStatus(IBufferWriter<byte> output, ulong token, ReadOnlyMemory<byte> json) =>
        Write(output, IngestOpcode.Status, (token, json), static (fields, record) =>
        {
            fields.UInt64(record.token);
            fields.Bytes(record.json.Span);
        });

    public static void Write(IBufferWriter<byte> output, in ErrorRecord record) =>
        Write(output, IngestOpcode.Error, record, static (fields, record) =>
        {
            fields.UInt64(record.Offset);
            fields.Text(record.Message);
        });

    public static void Write(IBufferWriter<byte> output, in RefusedRecord record) =>
        Write(output, IngestOpcode.Refused, record, static (fields, record) =>
        {
            fields.UInt16(record.ChannelId);
            fields.Text(record.Reason);
        });

    public static bool TryParseHello(ReadOnlySpan<byte> content, out HelloRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new HelloRecord(fields.UInt16(), fields.Guid(), fields.Text());
        return fields.IsGood;
    }

    public static bool TryParseWelcome(ReadOnlySpan<byte> content, out WelcomeRecord record)
    {
        IngestFieldReader fields = new(content);
        record =
            new WelcomeRecord(fields.UInt16(), fields.Guid(), fields.UInt32(), ReadPositions(ref fields));
        return fields.IsGood;
    }

    public static bool TryParseNextOrdinal(ReadOnlySpan<byte> content, out NextOrdinalRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new NextOrdinalRecord(fields.UInt16(), fields.UInt64());
        return fields.IsGood && record.Ordinal > 0;
    }

    public static bool TryParseDurable(ReadOnlySpan<byte> content, out IReadOnlyList<TopicPosition> positions)
    {
        IngestFieldReader fields = new(content);
        positions = ReadPositions(ref fields);
        return fields.IsGood;
    }

    public static bool TryParseToken(ReadOnlySpan<byte> content, out ulong token)
    {
        IngestFieldReader fields = new(content);
        token = fields.UInt64();
        return fields.IsGood;
    }

    public static bool TryParseFlushed(ReadOnlySpan<byte> content, out FlushedRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new FlushedRecord(fields.UInt64(), fields.Text());
        return fields.IsGood;
    }

    public static bool TryParseLost(ReadOnlySpan<byte> content, out LostRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new LostRecord(fields.UInt16(), fields.UInt64(), fields.Text());
        return fields.IsGood;
    }

    public static bool TryParseStatus(ReadOnlySpan<byte> content, out ulong token, out byte[] json)
    {
        IngestFieldReader fields = new(content);
        token = fields.UInt64();
        json = fields.Bytes().ToArray();
        return fields.IsGood;
    }

    public static bool TryParseError(ReadOnlySpan<byte> content, out ErrorRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new ErrorRecord(fields.UInt64(), fields.Text());
        return fields.IsGood;
    }

    public static bool TryParseRefused(ReadOnlySpan<byte> content, out RefusedRecord record)
    {
        IngestFieldReader fields = new(content);
        record = new RefusedRecord(fields.UInt16(), fields.Text());
        return fields.IsGood;
    }

    private static void Write<T>(IBufferWriter<byte> output, IngestOpcode opcode, T record, Fill<T> fill)
    {
        ArrayBufferWriter<byte> content = new();
        fill(new IngestFieldWriter(content), record);
        McapRecordWriter.WritePrivate(output, (byte)opcode, content.WrittenSpan);
    }

    private static void WritePositions(IngestFieldWriter fields, IReadOnlyList<TopicPosition> positions)
    {
        fields.UInt32((uint)positions.Count);
        foreach (TopicPosition position in positions)
        {
            fields.Text(position.Topic);
            fields.UInt64(position.Messages);
        }
    }

    private static List<TopicPosition> ReadPositions(ref IngestFieldReader fields)
    {
        uint count = fields.UInt32();
        List<TopicPosition> positions = [];
        for (uint i = 0; i < Math.Min(count, PositionsMax) && fields.IsGood; i++)
        {
            TopicPosition position = new(fields.Text(), fields.UInt64());
            if (fields.IsGood)
                positions.Add(position);
        }

        return positions;
    }
}
