using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Query;

namespace AvSdk.Gateway.Web;

/// <summary>Finds out what an export consists of.</summary>
internal sealed class ExportPlanner(IChunkIndex index, GatewayOptions options)
{
    private readonly SelectionResolver _resolver = new(index);

    /// <exception cref="QueryRefusal">
    /// There is nothing, or too much, or the selection does not make sense.
    /// </exception>
    public async Task<ExportPlan> PlanAsync(Selection selection, CancellationToken cancellationToken)
    {
        ResolvedSelection resolved = (await _resolver.ResolveAsync(selection, cancellationToken)
            .ConfigureAwait(false)).RequireTopics();
        SelectionTotals totals = await index.GetTotalsAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false);
        if (totals.StoredBytes > (ulong)options.ExportCacheBytesMax)
        {
            throw new QueryRefusal(
                QueryRefusalKind.TooLarge,
                $"The selection has {totals.StoredBytes} bytes; an export may have "
                + $"{options.ExportCacheBytesMax} (ExportCacheBytesMax). Narrow it by recording, "
                + "topic, from or to.");
        }

        List<IndexedChunk> chunks = [];
        await foreach (IndexedChunk chunk in index.ReadStoredAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false))
        {
            chunks.Add(chunk);
        }

        if (chunks.Count == 0)
            throw Nothing(totals);
        List<RecordingDefinitions> recordings = [];
        foreach (Guid recording in chunks.Select(chunk => chunk.Key.RecordingId).Distinct())
        {
            recordings.Add(
                (await index.FindRecordingAsync(recording, cancellationToken).ConfigureAwait(false))!);
        }

        return new ExportPlan { Selection = resolved.Chunks, Chunks = chunks, Recordings = recordings };
    }

    /// <summary>The answer where the selection has no message.</summary>
    public static QueryRefusal Nothing(SelectionTotals totals) => new(
        QueryRefusalKind.NotFound,
        "There are no stored messages in this selection. " + (totals.AnnouncedChunks == 0
            ? "Look at the catalogue for which vehicles, recordings, topics and times there are."
            : $"{totals.AnnouncedChunks} chunks of it are still in the vehicles; request them, or wait."));
}
