using AvSdk.Query;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk;

/// <summary>How an <see cref="AvClient"/> behaves. Every limit holds per reading.</summary>
public sealed record AvClientOptions
{
    /// <summary>
    /// Where the gateway serves HTTP, for <see cref="AvQuery.OpenMcapAsync"/>:
    /// <c>http://gateway.example:8080</c>. Default: the client's own address, over HTTP/2.
    /// </summary>
    public Uri? WebAddress { get; init; }

    /// <summary>
    /// This client's certificate, and whom it trusts; for https alone. Default: null, no certificate of its own and the
    /// system's authorities.
    /// </summary>
    public AvCredentials? Credentials { get; init; }

    /// <summary>How long a call that is not a reading may take, each attempt. Default: 30 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a lost connection is tried again without a message in between, before it is an error.
    /// Default: 6.
    /// </summary>
    public int RetryAttempts { get; init; } = 6;

    /// <summary>
    /// The first wait before trying again; it doubles with each attempt, with jitter. Default: 200 ms.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before trying again. Default: 5 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A gateway that takes on no more says when to ask again: a call waits as long and up to <see cref="RetryDelay"/> more,
    /// or fails at once where that is longer than this. Default: 1 min.
    /// </summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Chunks that are fetched and decompressed ahead of the caller. Default: 4.</summary>
    public int PrefetchChunks { get; init; } = 4;

    /// <summary>
    /// The largest chunk taken, bytes, compressed and decompressed alike. Default: 256 MiB.
    /// </summary>
    public int ChunkBytesMax { get; init; } = 256 << 20;

    /// <summary>
    /// Memory for chunks that overlap in time, bytes; more is an error that says so. Default: 1 GiB.
    /// </summary>
    public long MemoryBytesMax { get; init; } = 1L << 30;

    /// <summary>
    /// What to do with a chunk that is not what the vehicle recorded. Default: the reading fails.
    /// </summary>
    public DamagedChunkPolicy DamagedChunks { get; init; } = DamagedChunkPolicy.Fail;

    /// <summary>
    /// Headers to send with every call, for example what a proxy before the gateway asks for. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The clock, that certificates are held against too. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Chance, for the jitter of waits. Default: the shared one.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// All that is wrong with the options, each with the key, the value and the remedy; empty: nothing.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        Require(CallTimeout > TimeSpan.Zero, nameof(CallTimeout), CallTimeout, "longer than 0");
        Require(RetryAttempts >= 0, nameof(RetryAttempts), RetryAttempts, "0 or more");
        Require(RetryDelay > TimeSpan.Zero, nameof(RetryDelay), RetryDelay, "longer than 0");
        Require(RetryDelayMax >= RetryDelay, nameof(RetryDelayMax), RetryDelayMax, "RetryDelay or longer");
        Require(RetryAfterMax >= TimeSpan.Zero, nameof(RetryAfterMax), RetryAfterMax, "0 or longer");
        Require(PrefetchChunks is >= 1 and <= 1024, nameof(PrefetchChunks), PrefetchChunks, "1 to 1024");
        Require(ChunkBytesMax >= 4096, nameof(ChunkBytesMax), ChunkBytesMax, "4096 or more");
        Require(MemoryBytesMax >= ChunkBytesMax, nameof(MemoryBytesMax), MemoryBytesMax,
            "ChunkBytesMax or more");
        Require(WebAddress is null or { IsAbsoluteUri: true }, nameof(WebAddress), WebAddress,
            "absolute, as http://gateway.example:8080");
        return problems;

        void Require(bool holds, string key, object? value, string remedy)
        {
            if (!holds)
                problems.Add(FormattableString.Invariant($"{key} is {value}: make it {remedy}."));
        }
    }

    /// <summary>
    /// The wait before the n-th attempt in a row, from 1: doubled each time, drawn from its upper half.
    /// </summary>
    internal TimeSpan DelayBefore(int attempt)
    {
        double doubled = RetryDelay.TotalMilliseconds * Math.Pow(2, attempt - 1);
        double most = Math.Min(doubled, RetryDelayMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(most * (0.5 + (Random.NextDouble() / 2)));
    }

    /// <summary>The same, or what the gateway asks for and a little more.</summary>
    internal TimeSpan DelayBefore(int attempt, AvQueryException? failure) => failure?.RetryAfter is { } told
        ? told + (RetryDelay * Random.NextDouble())
        : DelayBefore(attempt);

    /// <summary>Whether asking again may help: the gateway was lost, or asks to be asked later, and not too late.</summary>
    internal bool MayRetry(AvQueryException failure) =>
        failure.Error == AvQueryError.GatewayUnavailable
        && (failure.RetryAfter is not { } told || (told >= TimeSpan.Zero && told <= RetryAfterMax));
}
