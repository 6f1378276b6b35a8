using AvSdk.Query;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk;

/// <summary>
/// A partner's way to a gateway: finds and reads what vehicles recorded, by type. One connection, shared by
/// all queries; it is made when the first call needs it, and again when it is lost.
/// </summary>
/// <remarks>
/// Safe for use from any number of threads. Disposing ends the readings that are under way.
/// </remarks>
public sealed class AvClient : IAsyncDisposable
{
    private readonly IQueryTransport _transport;
    private readonly AvClientOptions _options;
    private readonly ResiliencePipeline _retry;

    internal AvClient(IQueryTransport transport, McapExport export, AvClientOptions options)
    {
        _transport = transport;
        _options = options;
        _retry = RetryPipeline(options, transport.Address);
        Export = export;
        Catalogue = new Catalogue(this);
        Recordings = new Recordings(this);
    }

    /// <summary>What the gateway knows of.</summary>
    public Catalogue Catalogue { get; }

    /// <summary>What became of recordings.</summary>
    public Recordings Recordings { get; }

    internal McapExport Export { get; }

    /// <summary>A client of the gateway at an address. Touches no network yet.</summary>
    /// <param name="address">
    /// Where the gateway serves gRPC: <c>http://127.0.0.1:7443</c>, <c>https://gateway.example:8443</c>, or
    /// <c>unix:/run/avgateway/grpc.sock</c>.
    /// </param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">The address, or the options: the message names each
    /// problem.</exception>
    public static AvClient Connect(string address, AvClientOptions? options = null)
    {
        options ??= new AvClientOptions();
        IReadOnlyList<string> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        Uri uri = GatewayAddress.Parse(address);
        options = options with { Credentials = GatewayAddress.CredentialsFor(uri, options.Credentials) };
        return new AvClient(new GrpcQueryTransport(uri, options), new McapExport(uri, options), options);
    }

    /// <summary>
    /// A client of the gateway at an https address, who shows a certificate of his own. Touches no network yet.
    /// </summary>
    /// <param name="address">Where the gateway serves gRPC: <c>https://gateway.example:8443</c>.</param>
    /// <param name="credentials">His certificate, and whom he trusts.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">The address, or the options: the message names each
    /// problem.</exception>
    public static AvClient Connect(string address, AvCredentials credentials, AvClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return Connect(address, (options ?? new AvClientOptions()) with { Credentials = credentials });
    }

    /// <summary>A query that selects everything; narrow it.</summary>
    public AvQuery Query() => new(this);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Export.DisposeAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    internal MessageReader OpenReader(ReadingSpec spec) => new(_transport, _options, spec);

    internal Task<V1.QueryPlan> PlanAsync(V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.PlanAsync(selection, token), cancellationToken);

    internal Task<V1.RequestReply> RequestAsync(
        V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.RequestAsync(selection, token), cancellationToken);

    internal Task<V1.ListVehiclesReply> ListVehiclesAsync(CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.ListVehiclesAsync(token), cancellationToken);

    internal Task<V1.ListRecordingsReply> ListRecordingsAsync(
        V1.ListRecordingsRequest request, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.ListRecordingsAsync(request, token), cancellationToken);

    internal Task<V1.ListTopicsReply> ListTopicsAsync(
        V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.ListTopicsAsync(selection, token), cancellationToken);

    internal Task<V1.Coverage> GetCoverageAsync(
        V1.Selection selection, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.GetCoverageAsync(selection, token), cancellationToken);

    internal Task<V1.LedgerReport> GetLedgerAsync(
        V1.GetLedgerRequest request, CancellationToken cancellationToken) =>
        CallAsync((transport, token) => transport.GetLedgerAsync(request, token), cancellationToken);

    // All these calls only ask, or ask for something to be wanted: repeating one changes nothing.
    private async Task<TReply> CallAsync<TReply>(
        Func<IQueryTransport, CancellationToken, Task<TReply>> call, CancellationToken cancellationToken) =>
        await _retry.ExecuteAsync(
            async token => await call(_transport, token).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);

    private static ResiliencePipeline RetryPipeline(AvClientOptions options, string address)
    {
        if (options.RetryAttempts == 0)
            return ResiliencePipeline.Empty;
        ILogger logger = options.LoggerFactory.CreateLogger<AvClient>();
        return new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = outcome => ValueTask.FromResult(
                    outcome.Outcome.Exception is AvQueryException failure && options.MayRetry(failure)),
                MaxRetryAttempts = options.RetryAttempts,
                DelayGenerator = retry => ValueTask.FromResult<TimeSpan?>(
                    options.DelayBefore(retry.AttemptNumber + 1, retry.Outcome.Exception as AvQueryException)),
                OnRetry = retry =>
                {
                    QueryLog.CallLost(logger, address, retry.RetryDelay,
                        retry.Outcome.Exception?.Message ?? "");
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }
}
