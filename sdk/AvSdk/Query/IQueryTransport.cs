using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// A gateway's query and catalogue services, as the client sees them: carries messages, no policy. Every
/// failure is an <see cref="AvQueryException"/>; <see cref="AvQueryError.GatewayUnavailable"/> is the one to
/// try again after.
/// </summary>
internal interface IQueryTransport : IAsyncDisposable
{
    /// <summary>For people.</summary>
    string Address { get; }

    Task<V1.QueryPlan> PlanAsync(V1.Selection selection, CancellationToken cancellationToken);

    IAsyncEnumerable<V1.ReadReply> ReadAsync(V1.Selection selection, CancellationToken cancellationToken);

    Task<V1.RequestReply> RequestAsync(V1.Selection selection, CancellationToken cancellationToken);

    Task<V1.ListVehiclesReply> ListVehiclesAsync(CancellationToken cancellationToken);

    Task<V1.ListRecordingsReply> ListRecordingsAsync(
        V1.ListRecordingsRequest request, CancellationToken cancellationToken);

    Task<V1.ListTopicsReply> ListTopicsAsync(V1.Selection selection, CancellationToken cancellationToken);

    Task<V1.LedgerReport> GetLedgerAsync(V1.GetLedgerRequest request, CancellationToken cancellationToken);

    Task<V1.Coverage> GetCoverageAsync(V1.Selection selection, CancellationToken cancellationToken);
}
