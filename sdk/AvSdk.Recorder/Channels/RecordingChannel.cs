namespace AvSdk.Recording;

/// <summary>
/// One topic of a recorder. Writing is synchronous, never waits for disk or network, and allocates nothing.
/// </summary>
/// <remarks>Safe for use from any number of threads; messages keep the order in which their writes
/// returned.</remarks>
public abstract class RecordingChannel
{
    /// <summary>What the channel carries, with the lane that the recorder chose.</summary>
    public abstract ChannelSpec Spec { get; }

    /// <summary>
    /// Copies an encoded message. <paramref name="payload"/> is borrowed until the call returns.
    /// </summary>
    public abstract WriteResult WriteRaw(in MessageStamp stamp, ReadOnlySpan<byte> payload);

    /// <summary>
    /// Encodes a message straight into the recorder's memory: <paramref name="encode"/> is called at most
    /// once, with exactly <paramref name="payloadBytes"/> bytes to fill, under the channel's lock: it must
    /// not call the recorder.
    /// </summary>
    public abstract WriteResult Write<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
        where TState : allows ref struct;

    /// <summary>
    /// As <see cref="WriteRaw"/>, but waits for memory or spool space instead of dropping: for replay and
    /// import, which can wait, not for sensors, which cannot. <paramref name="payload"/> is borrowed until
    /// the task ends.
    /// </summary>
    public abstract ValueTask<WriteResult> WriteRawAsync(
        MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>
    /// Counts messages that the source lost before they reached the recorder, so that the ledger begins at
    /// the sensor.
    /// </summary>
    public abstract void CountLost(ulong messages, string reason);
}

/// <summary>Fills <paramref name="destination"/>, all of it, with an encoded message.</summary>
public delegate void PayloadEncoder<in TState>(TState state, Span<byte> destination)
    where TState : allows ref struct;
