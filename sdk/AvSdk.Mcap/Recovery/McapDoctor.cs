namespace AvSdk.Mcap;

/// <summary>
/// Checks a whole file: framing, checksums, definitions, indexes against what they describe, statistics against a
/// count; and gives advice on what makes a file slow or hard to use.
/// </summary>
public static class McapDoctor
{
    /// <summary>
    /// Reads <paramref name="source"/> once, front to back, and goes on after damage. Memory: the largest record,
    /// the largest chunk, and some 200 bytes a chunk. Never throws for what the bytes are.
    /// </summary>
    /// <param name="source">The file. It must not change meanwhile.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="progress">Told how many bytes are done, every MiB or so and at the end.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="IOException">What the source throws.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static McapCheckReport Check(
        IMcapSource source,
        McapCheckOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using DoctorRun run = new(source, options ?? McapCheckOptions.Default, cancellationToken);
        return run.Run(progress, cancellationToken);
    }
}
