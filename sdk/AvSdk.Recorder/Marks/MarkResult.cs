namespace AvSdk.Recording;

/// <summary>What became of a mark.</summary>
public enum MarkResult
{
    /// <summary>
    /// The window is kept from now on, or it was marked already by a mark of this id. Whether the mark's own message
    /// was recorded too, the ledger says of its topic.
    /// </summary>
    Accepted = 0,

    /// <summary>
    /// There are <see cref="RecorderOptions.MarksMax"/> marks of which something is to come or waits for its receipt.
    /// </summary>
    RefusedTooMany,

    /// <summary>
    /// Its moment is more than an hour after the latest message and the clock: a clock is wrong, or the unit.
    /// </summary>
    RefusedInFuture,

    /// <summary>The recorder was stopped, or is stopping.</summary>
    RefusedStopped,
}
