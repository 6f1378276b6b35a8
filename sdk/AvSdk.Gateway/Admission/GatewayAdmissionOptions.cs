namespace AvSdk.Gateway.Admission;

/// <summary>
/// How much a gateway takes on. What comes beyond is turned away at once, with the time after which to come back.
/// </summary>
public sealed record GatewayAdmissionOptions
{
    /// <summary>Upload sessions that begin in a second, on average. 0.1 to 1,000,000. Default: 100.</summary>
    public double SessionsPerSecond { get; init; } = 100;

    /// <summary>Upload sessions that may begin at once after a quiet time. 1 to 1,000,000. Default: 200.</summary>
    public int SessionsBurst { get; init; } = 200;

    /// <summary>Upload sessions at a time, over gRPC and MQTT together. At least 1. Default: 20,000.</summary>
    public int SessionsMax { get; init; } = 20_000;

    /// <summary>
    /// No further session begins while chunks of this many bytes are arriving or being committed. At least 1. Default: null,
    /// nine tenths of <see cref="GatewayOptions.StagingBytesMax"/>.
    /// </summary>
    public long? StagedBytesMax { get; init; }

    /// <summary>
    /// Queries, readings and requests over HTTP that are answered at a time. At least 1. Default: 256.
    /// </summary>
    public int QueriesMax { get; init; } = 256;

    /// <summary>
    /// The longest time that anybody is told to stay away; who finds no place within it asks again. 1 s to 1 day.
    /// Default: 5 min.
    /// </summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(5);

    internal IEnumerable<GatewayOptionProblem> Validate()
    {
        if (SessionsPerSecond is not (>= 0.1 and <= 1e6))
            yield return Problem(nameof(SessionsPerSecond), $"{SessionsPerSecond}", "0.1 to 1000000.");
        if (SessionsBurst is < 1 or > 1_000_000)
            yield return Problem(nameof(SessionsBurst), $"{SessionsBurst}", "1 to 1000000.");
        if (SessionsMax < 1)
            yield return Problem(nameof(SessionsMax), $"{SessionsMax}", "at least 1.");
        if (StagedBytesMax < 1)
            yield return Problem(nameof(StagedBytesMax), $"{StagedBytesMax}", "at least 1, or leave it out.");
        if (QueriesMax < 1)
            yield return Problem(nameof(QueriesMax), $"{QueriesMax}", "at least 1.");
        if (RetryAfterMax < TimeSpan.FromSeconds(1) || RetryAfterMax > TimeSpan.FromDays(1))
            yield return Problem(nameof(RetryAfterMax), $"{RetryAfterMax}", "00:00:01 to 1.00:00:00.");
    }

    private static GatewayOptionProblem Problem(string key, string value, string remedy) =>
        new($"{nameof(GatewayOptions.Admission)}.{key}", value, remedy);
}
