using AvSdk.Recording;
using Google.Protobuf;

namespace AvSdk;

/// <summary>A topic whose messages are protobuf messages of type <typeparamref name="T"/>.</summary>
/// <remarks>
/// Made by <see cref="RecorderExtensions.Channel{T}(IRecorder, string, string?)"/>. Safe for use from any
/// number of threads, as long as nobody changes a message while it is being written. Writing allocates
/// nothing.
/// </remarks>
/// <typeparam name="T">A generated protobuf message.</typeparam>
public sealed class Channel<T>
    where T : class, IMessage<T>
{
    private static readonly PayloadEncoder<T> Encode = static (message, destination) =>
        message.WriteTo(destination);

    /// <summary>Wraps the untyped channel, whose spec must be that of <typeparamref name="T"/>.</summary>
    internal Channel(RecordingChannel untyped) => Untyped = untyped;

    /// <summary>The untyped layer below: the same path, the same order.</summary>
    public RecordingChannel Untyped { get; }

    /// <summary>The topic.</summary>
    public string Topic => Untyped.Spec.Topic;

    /// <summary>Encodes a message into the recorder's memory. Never waits for disk or network.</summary>
    /// <param name="logTime">When it was recorded, ns since 1970-01-01T00:00:00Z; also the publish
    /// time.</param>
    /// <param name="message">Borrowed until the call returns.</param>
    public WriteResult Write(ulong logTime, T message) =>
        Write(new MessageStamp(logTime, logTime, 0), message);

    /// <summary>Encodes a message into the recorder's memory. Never waits for disk or network.</summary>
    /// <param name="logTime">When it was recorded, resolution 100 ns; also the publish time.</param>
    /// <param name="message">Borrowed until the call returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public WriteResult Write(DateTimeOffset logTime, T message) =>
        Write(UnixNanoseconds.From(logTime), message);

    /// <summary>Encodes a message, with the publish time and the number that its source gave it.</summary>
    /// <param name="stamp">The message's times and number.</param>
    /// <param name="message">Borrowed until the call returns.</param>
    public WriteResult Write(in MessageStamp stamp, T message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Untyped.Write(stamp, message.CalculateSize(), message, Encode);
    }

    /// <summary>Copies a message that is encoded already, for example by the sensor itself.</summary>
    /// <param name="logTime">When it was recorded, ns since 1970-01-01T00:00:00Z; also the publish
    /// time.</param>
    /// <param name="payload">A <typeparamref name="T"/> in protobuf's encoding; borrowed until the call
    /// returns.</param>
    public WriteResult WriteRaw(ulong logTime, ReadOnlySpan<byte> payload) =>
        Untyped.WriteRaw(new MessageStamp(logTime, logTime, 0), payload);

    /// <summary>
    /// Counts messages that the sensor lost before they came here, so that the ledger begins at the sensor.
    /// </summary>
    /// <param name="messages">How many.</param>
    /// <param name="reason">Why, in a word or two: it is a key in the ledger.</param>
    public void CountLost(ulong messages, string reason) => Untyped.CountLost(messages, reason);
}
