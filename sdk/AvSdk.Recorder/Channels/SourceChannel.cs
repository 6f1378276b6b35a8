namespace AvSdk.Recording;

/// <summary>A channel as a resumable source writes to it.</summary>
internal sealed class SourceChannel(LocalChannel channel, SourceTopic topic) : RecordingChannel
{
    public override ChannelSpec Spec => channel.Spec;

    public override WriteResult WriteRaw(in MessageStamp stamp, ReadOnlySpan<byte> payload) =>
        channel.WriteCounted(topic, stamp, payload.Length, payload, Recording.LocalChannel.CopyPayload);

    public override WriteResult Write<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        ArgumentNullException.ThrowIfNull(encode);
        return channel.WriteCounted(topic, stamp, payloadBytes, state, encode);
    }

    public override ValueTask<WriteResult> WriteRawAsync(
        MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        channel.WriteWaitingAsync(topic, stamp, payload, cancellationToken);

    public override void CountLost(ulong messages, string reason) => channel.CountLost(messages, reason);
}
