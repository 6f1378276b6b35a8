using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Recording;

namespace AvSdk;

/// <summary>A topic whose messages are values of type <typeparamref name="T"/> in JSON.</summary>
/// <remarks>
/// Made by <see cref="RecorderExtensions.JsonChannel{T}"/>. Safe for use from any number of threads. The
/// encoding buffer is kept per thread and grows to the largest message written there.
/// </remarks>
/// <typeparam name="T">A type with source-generated JSON metadata.</typeparam>
public sealed class JsonChannel<T>
{
    private readonly JsonTypeInfo<T> _type;

    internal JsonChannel(RecordingChannel untyped, JsonTypeInfo<T> type)
    {
        Untyped = untyped;
        _type = type;
    }

    /// <summary>The untyped layer below: the same path, the same order.</summary>
    public RecordingChannel Untyped { get; }

    /// <summary>The topic.</summary>
    public string Topic => Untyped.Spec.Topic;

    /// <summary>Encodes a value and records it. Never waits for disk or network.</summary>
    /// <param name="logTime">When it was recorded, ns since 1970-01-01T00:00:00Z; also the publish
    /// time.</param>
    /// <param name="value">Borrowed until the call returns.</param>
    public WriteResult Write(ulong logTime, T value) => Write(new MessageStamp(logTime, logTime, 0), value);

    /// <summary>Encodes a value and records it. Never waits for disk or network.</summary>
    /// <param name="logTime">When it was recorded, resolution 100 ns; also the publish time.</param>
    /// <param name="value">Borrowed until the call returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public WriteResult Write(DateTimeOffset logTime, T value) => Write(UnixNanoseconds.From(logTime), value);

    /// <summary>Encodes a value, with the publish time and the number that its source gave it.</summary>
    /// <param name="stamp">The message's times and number.</param>
    /// <param name="value">Borrowed until the call returns.</param>
    public WriteResult Write(in MessageStamp stamp, T value) =>
        Untyped.WriteRaw(stamp, JsonEncodingBuffer.Encode(value, _type));
}

/// <summary>
/// A writer and its memory for each thread: encoding a JSON message allocates nothing once it is warm.
/// </summary>
internal static class JsonEncodingBuffer
{
    private const int InitialBytes = 4096;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_bytes;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    /// <summary>Valid until the next call on the same thread.</summary>
    public static ReadOnlySpan<byte> Encode<T>(T value, JsonTypeInfo<T> type)
    {
        ArrayBufferWriter<byte> bytes = t_bytes ??= new ArrayBufferWriter<byte>(InitialBytes);
        Utf8JsonWriter writer = t_writer ??= new Utf8JsonWriter(bytes);
        bytes.ResetWrittenCount();
        writer.Reset();
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        return bytes.WrittenSpan;
    }
}
