using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>The index read by selection. Every answer is of one moment; two calls may see two.</summary>
/// <remarks>Safe for use from any number of tasks.</remarks>
public interface IChunkCatalogue
{
    /// <summary>The ordinal of the newest stored chunk; 0: there is none.</summary>
    ValueTask<ulong> GetLastOrdinalAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Topics of the selected vehicles and recordings, each once, in ordinal order. Times, topics and
    /// <see cref="ChunkSelection.AsOf"/> of the selection are not looked at.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ListTopicNamesAsync(
        ChunkSelection selection, CancellationToken cancellationToken);

    /// <summary>Chunks and bytes of the selection.</summary>
    ValueTask<SelectionTotals> GetTotalsAsync(ChunkSelection selection, CancellationToken cancellationToken);

    /// <summary>
    /// One summary a topic, schema, encoding and lane, in order of topic: over the chunks of the selection.
    /// </summary>
    ValueTask<IReadOnlyList<TopicSummary>> ListTopicsAsync(
        ChunkSelection selection, CancellationToken cancellationToken);

    /// <summary>
    /// Stored chunks of the selection, in order of first log time, vehicle, recording, lane and sequence.
    /// Which chunks these are is settled before the first is returned.
    /// </summary>
    IAsyncEnumerable<IndexedChunk> ReadStoredAsync(
        ChunkSelection selection, CancellationToken cancellationToken);

    /// <summary>
    /// Every vehicle with a recording, in order of name; presence fields are left at their defaults.
    /// </summary>
    ValueTask<IReadOnlyList<VehicleSummary>> ListVehiclesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Recordings with a chunk in the selection, or, where it names neither time nor topic, all of the
    /// selected vehicles; newest id first. Their totals are of the whole recording.
    /// </summary>
    ValueTask<RecordingPage> ListRecordingsAsync(
        ChunkSelection selection, Guid? after, int pageSize, CancellationToken cancellationToken);

    /// <summary>
    /// A recording's ledger and chunks, as its report is made of them; null: the recording is not known.
    /// </summary>
    ValueTask<LedgerSources?> ReadLedgerAsync(Guid recordingId, CancellationToken cancellationToken);

    /// <summary>
    /// Stretches without a gap in sequence, in order of recording, lane and sequence. With topics: of the
    /// lanes that record them.
    /// </summary>
    ValueTask<IReadOnlyList<CoverageRange>> GetCoverageAsync(
        ChunkSelection selection, int rangesMax, CancellationToken cancellationToken);
}
