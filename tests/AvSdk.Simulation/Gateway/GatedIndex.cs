using System.Runtime.CompilerServices;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Simulation.Gateway;

/// <summary>The index behind a <see cref="PortGate"/>.</summary>
internal sealed class GatedIndex(IChunkIndex inner, PortGate gate) : IChunkIndex
{
    public ValueTask OpenAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("index open", () => inner.OpenAsync(cancellationToken));

    public ValueTask CheckWritableAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("index check", () => inner.CheckWritableAsync(cancellationToken));

    public ValueTask DefineAsync(
        RecordingInfo recording, IReadOnlyList<SchemaDefinition> schemas, IReadOnlyList<ChannelDefinition> channels,
        CancellationToken cancellationToken) =>
        gate.PassAsync(
            "index define", () => inner.DefineAsync(recording, schemas, channels, cancellationToken));

    public ValueTask<RecordingDefinitions?> FindRecordingAsync(Guid id, CancellationToken cancellationToken) =>
        gate.PassAsync("index find recording", () => inner.FindRecordingAsync(id, cancellationToken));

    public ValueTask<IReadOnlyList<byte[]>> FindMissingSchemasAsync(
        IReadOnlyList<byte[]> sha256, CancellationToken cancellationToken) =>
        gate.PassAsync("index find schemas", () => inner.FindMissingSchemasAsync(sha256, cancellationToken));

    public ValueTask<IReadOnlyList<IndexedChunk?>> FindChunksAsync(
        IReadOnlyList<ChunkKey> keys, CancellationToken cancellationToken) =>
        gate.PassAsync("index find chunks", () => inner.FindChunksAsync(keys, cancellationToken));

    public ValueTask AnnounceAsync(IReadOnlyList<ChunkHeader> headers, CancellationToken cancellationToken) =>
        gate.PassAsync("index announce", () => inner.AnnounceAsync(headers, cancellationToken));

    public ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync(
        IReadOnlyList<StoredChunk> chunks, CancellationToken cancellationToken) =>
        gate.PassAsync("index store", () => inner.StoreAsync(chunks, cancellationToken));

    public ValueTask EndAsync(RecordingEnd end, CancellationToken cancellationToken) =>
        gate.PassAsync("index end", () => inner.EndAsync(end, cancellationToken));

    public ValueTask<LedgerNoted> NoteLedgerAsync(TellLedger told, CancellationToken cancellationToken) =>
        gate.PassAsync("index note ledger", () => inner.NoteLedgerAsync(told, cancellationToken));

    public ValueTask<LedgerSources?> ReadLedgerAsync(Guid recordingId, CancellationToken cancellationToken) =>
        gate.PassAsync("index read ledger", () => inner.ReadLedgerAsync(recordingId, cancellationToken));

    public ValueTask<bool> IsCompleteAsync(Guid id, CancellationToken cancellationToken) =>
        gate.PassAsync("index is complete", () => inner.IsCompleteAsync(id, cancellationToken));

    public ValueTask<IReadOnlyList<WantedChunks>> MarkWantedAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        gate.PassAsync("index mark wanted", () => inner.MarkWantedAsync(selection, cancellationToken));

    public ValueTask<IReadOnlyList<ChunkRef>> ListWantedAsync(
        string vehicleId, int chunksMax, CancellationToken cancellationToken) =>
        gate.PassAsync("index list wanted", () => inner.ListWantedAsync(vehicleId, chunksMax, cancellationToken));

    public ValueTask<int> OpenPackAsync(Guid id, int lastInStore, CancellationToken cancellationToken) =>
        gate.PassAsync("index open pack", () => inner.OpenPackAsync(id, lastInStore, cancellationToken));

    public ValueTask SealPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        gate.PassAsync("index seal pack", () => inner.SealPackAsync(id, number, cancellationToken));

    public ValueTask NoteOpenPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        gate.PassAsync("index note pack", () => inner.NoteOpenPackAsync(id, number, cancellationToken));

    public ValueTask RemovePackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        gate.PassAsync("index remove pack", () => inner.RemovePackAsync(id, number, cancellationToken));

    public ValueTask<IReadOnlyList<OpenPack>> ListOpenPacksAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("index list packs", () => inner.ListOpenPacksAsync(cancellationToken));

    public ValueTask<OpenPack?> FindOpenPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        gate.PassAsync("index find pack", () => inner.FindOpenPackAsync(id, number, cancellationToken));

    public ValueTask<ulong> GetLastOrdinalAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("index last ordinal", () => inner.GetLastOrdinalAsync(cancellationToken));

    public ValueTask<IReadOnlyList<string>> ListTopicNamesAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        gate.PassAsync("index topic names", () => inner.ListTopicNamesAsync(selection, cancellationToken));

    public ValueTask<SelectionTotals> GetTotalsAsync(ChunkSelection selection, CancellationToken cancellationToken) =>
        gate.PassAsync("index totals", () => inner.GetTotalsAsync(selection, cancellationToken));

    public ValueTask<IReadOnlyList<TopicSummary>> ListTopicsAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        gate.PassAsync("index topics", () => inner.ListTopicsAsync(selection, cancellationToken));

    public async IAsyncEnumerable<IndexedChunk> ReadStoredAsync(
        ChunkSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (IndexedChunk chunk in inner.ReadStoredAsync(selection, cancellationToken))
            yield return chunk;
    }

    public ValueTask<IReadOnlyList<VehicleSummary>> ListVehiclesAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("index vehicles", () => inner.ListVehiclesAsync(cancellationToken));

    public ValueTask<RecordingPage> ListRecordingsAsync(
        ChunkSelection selection, Guid? after, int pageSize, CancellationToken cancellationToken) =>
        gate.PassAsync(
            "index recordings", () => inner.ListRecordingsAsync(selection, after, pageSize, cancellationToken));

    public ValueTask<IReadOnlyList<CoverageRange>> GetCoverageAsync(
        ChunkSelection selection, int rangesMax, CancellationToken cancellationToken) =>
        gate.PassAsync("index coverage", () => inner.GetCoverageAsync(selection, rangesMax, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
