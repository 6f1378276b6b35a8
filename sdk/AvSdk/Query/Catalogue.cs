using System.Runtime.CompilerServices;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// What the gateway knows of: vehicles, recordings, topics, and where on the time line there is data.
/// </summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public sealed class Catalogue
{
    private const uint PageSize = 100;

    private readonly AvClient _client;

    internal Catalogue(AvClient client) => _client = client;

    /// <summary>The vehicles, in order of name.</summary>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<IReadOnlyList<VehicleEntry>> VehiclesAsync(CancellationToken cancellationToken)
    {
        V1.ListVehiclesReply reply = await _client.ListVehiclesAsync(cancellationToken).ConfigureAwait(false);
        IEnumerable<VehicleEntry> vehicles = reply.Vehicles.Select(Replies.ToVehicle);
        return [.. vehicles.OrderBy(static vehicle => vehicle.VehicleId, StringComparer.Ordinal)];
    }

    /// <summary>The recordings of a selection, newest first, fetched page by page.</summary>
    /// <param name="query">Which; null: all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async IAsyncEnumerable<RecordingEntry> RecordingsAsync(
        AvQuery? query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        V1.ListRecordingsRequest request = new() { Selection = SelectionOf(query), PageSize = PageSize };
        do
        {
            V1.ListRecordingsReply reply =
                await _client.ListRecordingsAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (V1.RecordingSummary recording in reply.Recordings)
                yield return Replies.ToRecording(recording);
            request.PageToken = reply.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>The topics of a selection, in order of topic.</summary>
    /// <param name="query">Which; null: all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<IReadOnlyList<TopicEntry>> TopicsAsync(
        AvQuery? query, CancellationToken cancellationToken)
    {
        V1.ListTopicsReply reply =
            await _client.ListTopicsAsync(SelectionOf(query), cancellationToken).ConfigureAwait(false);
        IEnumerable<TopicEntry> topics = reply.Topics.Select(Replies.ToTopic);
        return [.. topics.OrderBy(static topic => topic.Topic, StringComparer.Ordinal)];
    }

    /// <summary>Where on the time line a selection has data, stored or still in the vehicles.</summary>
    /// <param name="query">Which; null: all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<IReadOnlyList<CoverageEntry>> CoverageAsync(
        AvQuery? query, CancellationToken cancellationToken)
    {
        V1.Coverage reply =
            await _client.GetCoverageAsync(SelectionOf(query), cancellationToken).ConfigureAwait(false);
        return [.. reply.Ranges.Select(Replies.ToCoverage)];
    }

    private static V1.Selection SelectionOf(AvQuery? query) => query?.Selection ?? new V1.Selection();
}
