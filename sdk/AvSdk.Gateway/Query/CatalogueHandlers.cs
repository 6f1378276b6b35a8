using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;

namespace AvSdk.Gateway.Query;

/// <summary>The service <c>av.v1.Catalogue</c>, without the gRPC round it.</summary>
internal sealed class CatalogueHandlers(IChunkIndex index, ConnectedVehicles vehicles)
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1000;
    private const int RangesMax = 20_000;
    private readonly SelectionResolver _resolver = new(index);

    public async ValueTask<ListVehiclesReply> ListVehiclesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<VehicleSummary> known = await index.ListVehiclesAsync(cancellationToken)
            .ConfigureAwait(false);
        Dictionary<string, VehicleSummary> summaries = known.ToDictionary(vehicle => vehicle.VehicleId);
        foreach (string name in vehicles.Names)
            summaries.TryAdd(name, new VehicleSummary { VehicleId = name });
        ListVehiclesReply reply = new();
        foreach (VehicleSummary vehicle in summaries.Values.OrderBy(v => v.VehicleId, StringComparer.Ordinal))
        {
            vehicle.Connected = vehicles.IsConnected(vehicle.VehicleId);
            vehicle.LastSeen = vehicles.LastSeen(vehicle.VehicleId);
            reply.Vehicles.Add(vehicle);
        }

        return reply;
    }

    public async ValueTask<ListRecordingsReply> ListRecordingsAsync(
        ListRecordingsRequest request, CancellationToken cancellationToken)
    {
        ResolvedSelection selection = await _resolver.ResolveAsync(request.Selection, cancellationToken)
            .ConfigureAwait(false);
        Guid? after = null;
        if (request.PageToken.Length > 0)
        {
            after = Guid.TryParseExact(request.PageToken, "N", out Guid id)
                ? id
                : throw new QueryRefusal(
                    QueryRefusalKind.BadRequest, "page_token is not one of ours; begin with an empty one.");
        }

        int pageSize = request.PageSize == 0 ? PageSizeDefault : (int)Math.Min(request.PageSize, PageSizeMax);
        RecordingPage page = await index
            .ListRecordingsAsync(selection.Chunks, after, pageSize, cancellationToken)
            .ConfigureAwait(false);
        ListRecordingsReply reply = new() { NextPageToken = page.Next?.ToString("N") ?? "" };
        reply.Recordings.AddRange(page.Recordings);
        return reply;
    }

    public async ValueTask<ListTopicsReply> ListTopicsAsync(
        Selection selection, CancellationToken cancellationToken)
    {
        ResolvedSelection resolved = await _resolver.ResolveAsync(selection, cancellationToken)
            .ConfigureAwait(false);
        ListTopicsReply reply = new();
        reply.Topics.AddRange(
            await index.ListTopicsAsync(resolved.Chunks, cancellationToken).ConfigureAwait(false));
        return reply;
    }

    public async ValueTask<LedgerReport> GetLedgerAsync(
        GetLedgerRequest request, CancellationToken cancellationToken)
    {
        if (!RecordingIds.TryRead(request.RecordingId, out Guid recordingId))
        {
            throw new QueryRefusal(
                QueryRefusalKind.BadRequest,
                $"recording_id has {request.RecordingId.Length} bytes; it must be a UUID of {RecordingIds.Bytes}.");
        }

        LedgerSources? sources = await index.ReadLedgerAsync(recordingId, cancellationToken).ConfigureAwait(false);
        return sources is null
            ? throw new QueryRefusal(
                QueryRefusalKind.NotFound, $"Recording {recordingId} is not known here; list them in the catalogue.")
            : LedgerReconciliation.Reconcile(sources);
    }

    public async ValueTask<Coverage> GetCoverageAsync(
        Selection selection, CancellationToken cancellationToken)
    {
        ResolvedSelection resolved = await _resolver.ResolveAsync(selection, cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<CoverageRange> ranges = await index.GetCoverageAsync(
            resolved.Chunks, RangesMax + 1, cancellationToken).ConfigureAwait(false);
        if (ranges.Count > RangesMax)
        {
            throw new QueryRefusal(
                QueryRefusalKind.TooLarge,
                $"The coverage has more than {RangesMax} ranges; narrow it by vehicle, recording or time.");
        }

        Coverage coverage = new();
        coverage.Ranges.AddRange(ranges);
        return coverage;
    }
}
