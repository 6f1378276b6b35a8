namespace AvSdk.Recording;

/// <summary>How chunks go to the gateway.</summary>
public sealed record UploadOptions
{
    /// <summary>
    /// The wait after a first failure; doubled for each that follows. 1 ms to 1 min. Default: 500 ms.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The longest wait between two attempts; every wait is drawn between 0 and its length. Default: 30 s.
    /// </summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A gateway that takes on no more says when to come back, and is obeyed, for at most as long. Default: 10 min.
    /// </summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long connecting and the gateway's first answer may take together. Default: 30 s.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The data of a part, bytes, if the gateway allows as much; 4 KiB to 4 MiB. Default: 256 KiB. On a link that takes
    /// longer than 75 ms for a part they are shorter, down to 16 KiB.
    /// </summary>
    public int PartBytes { get; init; } = 256 << 10;

    /// <summary>Headers in one announcement; 1 to 4096. Default: 256.</summary>
    public int AnnounceChunksMax { get; init; } = 256;

    /// <summary>
    /// A link on which the gateway owes an answer and says nothing for as long is cut; so is one that takes no message
    /// for as long, or at less than 2 KiB/s. Default: 2 min.
    /// </summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long disposing waits for the uplink to deliver what is pending; what is left stays in the spool
    /// and goes with the next start. Default: 2 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
