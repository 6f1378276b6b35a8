using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Contracts;
using Google.Protobuf;

namespace AvSdk.Query;

/// <summary>What a reading takes payloads for: says whether a topic carries it, and decodes it.</summary>
internal abstract class PayloadType<T>
{
    /// <summary>For people: <c>av.v1.Imu (protobuf)</c>.</summary>
    public abstract string Name { get; }

    public abstract bool Fits(string messageEncoding, string schemaName);

    /// <exception cref="AvQueryException">The bytes are no such message.</exception>
    public abstract T Decode(in MergedMessage message);

    protected AvQueryException Damaged(in MergedMessage message, Exception cause) => new(
        AvQueryError.DamagedMessage,
        $"The payload of {message.Channel.Topic} at log time {message.Slot.LogTime} ns (vehicle "
        + $"{message.Origin.VehicleId}, recording {message.Origin.RecordingId}, lane {message.Origin.Lane}, "
        + $"chunk {message.Origin.ChunkSequence}) is no {Name}: {cause.Message} ReadRawAsync gives its bytes.",
        cause)
    {
        Position = message.Reading.PositionAfter(message.Slot.LogTime, message.CountAtLogTime),
    };
}

/// <summary>A generated protobuf message.</summary>
internal sealed class ProtobufPayload<T> : PayloadType<T>
    where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(static () => new T());
    private static readonly string FullName = new T().Descriptor.FullName;

    public static ProtobufPayload<T> Instance { get; } = new();

    public override string Name => $"{FullName} ({ProtobufSchema.Encoding})";

    public override bool Fits(string messageEncoding, string schemaName) =>
        messageEncoding == ProtobufSchema.Encoding && schemaName == FullName;

    public override T Decode(in MergedMessage message)
    {
        try
        {
            return Parser.ParseFrom(message.Payload.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Damaged(message, exception);
        }
    }
}

/// <summary>A value in JSON, whatever its schema is called.</summary>
internal sealed class JsonPayload<T>(JsonTypeInfo<T> type) : PayloadType<T?>
{
    public override string Name => $"{typeof(T).Name} (json)";

    public override bool Fits(string messageEncoding, string schemaName) => messageEncoding == "json";

    public override T? Decode(in MergedMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Payload.Span, type);
        }
        catch (JsonException exception)
        {
            throw Damaged(message, exception);
        }
    }
}
