namespace AvSdk.Mcap;

/// <summary>
/// Makes a good file out of one that is cut, damaged or unsealed: everything that can be vouched for is kept, also
/// after the damage; indexes, statistics and summary are built anew.
/// </summary>
public static class McapRecovery
{
    /// <summary>
    /// Reads <paramref name="source"/> once, front to back, and writes a sealed file to <paramref name="sink"/>.
    /// Memory: the largest record and the largest chunk.
    /// </summary>
    /// <param name="source">The damaged file. It must not change meanwhile.</param>
    /// <param name="sink">Borrowed; it must stand at position 0. It is flushed at the end.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="progress">Told how many bytes of the source are done, every MiB or so and at the end.</param>
    /// <param name="cancellationToken">Cancelling leaves the output without its end.</param>
    /// <exception cref="McapException">There is nothing of an MCAP file in it: no magic at the start and no record
    /// anywhere. Nothing was written then.</exception>
    /// <exception cref="IOException">What source and sink throw.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static McapRecoveryReport Recover(
        IMcapSource source,
        IMcapSink sink,
        McapRecoveryOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        if (sink.Position != 0)
            throw new ArgumentException("A recovered file starts at position 0 of its sink.", nameof(sink));
        using RecoveryRun run = new(source, sink, options ?? McapRecoveryOptions.Default, cancellationToken);
        return run.Run(progress, cancellationToken);
    }
}
