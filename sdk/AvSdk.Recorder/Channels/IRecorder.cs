namespace AvSdk.Recording;

/// <summary>
/// Records messages of one vehicle. The same interface whether the recorder runs in this process or in the
/// agent behind a Unix socket.
/// </summary>
/// <remarks>Safe for use from any number of threads. Disposing flushes what was accepted, then
/// stops.</remarks>
public interface IRecorder : IAsyncDisposable
{
    /// <summary>The recording that messages go into: a UUIDv7.</summary>
    Guid RecordingId { get; }

    /// <summary>
    /// The channel of a topic; the same instance for the same topic. Asking again with another schema,
    /// encoding or lane is an <see cref="ArgumentException"/>.
    /// </summary>
    RecordingChannel Channel(ChannelSpec spec);

    /// <summary>
    /// Returns when every message accepted before the call is durable, as its lane's contract says.
    /// </summary>
    /// <exception cref="RecorderException">The disk, or the agent, refused; the message names the
    /// remedy.</exception>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Marks a moment: what was and will be recorded around it is kept in every lane until it has a receipt, and goes
    /// to the gateway first. Windows that overlap are one. The mark itself is recorded on topic <c>/av/marks</c>. Never
    /// waits.
    /// </summary>
    /// <exception cref="ArgumentException">The name, the window or the metadata cannot be.</exception>
    MarkResult Mark(RecordingMark mark);

    /// <summary>What became of the messages so far.</summary>
    LedgerSummary Ledger { get; }
}
