using AvSdk.Recording;

namespace AvSdk.Testing;

/// <summary>
/// A channel of a <see cref="MemoryRecorder"/>. Its counts are guarded by the recorder's lock.
/// </summary>
internal sealed class MemoryChannel(MemoryRecorder recorder, ChannelSpec spec) : RecordingChannel
{
    private readonly Dictionary<string, ulong> _drops = new(StringComparer.Ordinal);
    private ulong _accepted;

    public override ChannelSpec Spec { get; } = spec;

    public override WriteResult WriteRaw(in MessageStamp stamp, ReadOnlySpan<byte> payload) =>
        recorder.Write(this, stamp, payload.ToArray());

    public override WriteResult Write<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
    {
        byte[] payload = new byte[payloadBytes];
        encode(state, payload);
        return recorder.Write(this, stamp, payload);
    }

    public override ValueTask<WriteResult> WriteRawAsync(
        MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(WriteRaw(stamp, payload.Span));
    }

    public override void CountLost(ulong messages, string reason) => recorder.Locked(() =>
        _drops[reason] = _drops.GetValueOrDefault(reason) + messages);

    public void Count(WriteResult result)
    {
        if (result == WriteResult.Accepted)
        {
            _accepted++;
            return;
        }

        string reason = result switch
        {
            WriteResult.DroppedMemoryFull => "memory_full",
            WriteResult.DroppedSpoolFull => "spool_full",
            WriteResult.DroppedTooLarge => "too_large",
            _ => "stopped",
        };
        _drops[reason] = _drops.GetValueOrDefault(reason) + 1;
    }

    public TopicLedger ToLedger() => new(
        Spec.Topic, Spec.Lane!, _accepted, Delivered: 0, Evicted: 0, Damaged: 0,
        new Dictionary<string, ulong>(_drops, StringComparer.Ordinal));
}
