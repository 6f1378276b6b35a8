using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Tests.Gateway;

/// <summary>An index on another that notes when rows are written, and fails when it is told to.</summary>
internal sealed class FaultyIndex(IChunkIndex inner, List<string> events) : IChunkIndex
{
    public bool FailsBeforeRows { get; set; }

    /// <summary>The rows are durable, and then the answer is an error.</summary>
    public bool FailsAfterRows { get; set; }

    /// <summary>Its disk is full: it reads, and takes nothing.</summary>
    public bool IsFull { get; set; }

    public bool FailsReads { get; set; }

    /// <summary>Writes that were refused.</summary>
    public int Refused { get; private set; }

    private IChunkIndex Writing
    {
        get
        {
            if (!IsFull)
                return inner;
            Refused++;
            throw new IOException("The index's disk is full.");
        }
    }

    private IChunkIndex Reading => FailsReads ? throw new IOException("The index's disk is full.") : inner;

    public async ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync(
        IReadOnlyList<StoredChunk> chunks, CancellationToken cancellationToken)
    {
        if (FailsBeforeRows || IsFull)
            throw new IOException("The index's disk is full.");
        IReadOnlyList<StoreOutcome> outcomes = await inner.StoreAsync(chunks, cancellationToken);
        lock (events)
            events.Add("rows");
        return FailsAfterRows ? throw new IOException("The index's disk is full.") : outcomes;
    }

    public ValueTask OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

    public ValueTask CheckWritableAsync(CancellationToken cancellationToken) =>
        inner.CheckWritableAsync(cancellationToken);

    public ValueTask DefineAsync(
        RecordingInfo recording, IReadOnlyList<SchemaDefinition> schemas, IReadOnlyList<ChannelDefinition> channels,
        CancellationToken cancellationToken) =>
        Writing.DefineAsync(recording, schemas, channels, cancellationToken);

    public ValueTask<RecordingDefinitions?> FindRecordingAsync(
        Guid id, CancellationToken cancellationToken) =>
        inner.FindRecordingAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<byte[]>> FindMissingSchemasAsync(
        IReadOnlyList<byte[]> sha256, CancellationToken cancellationToken) =>
        inner.FindMissingSchemasAsync(sha256, cancellationToken);

    public ValueTask<IReadOnlyList<IndexedChunk?>> FindChunksAsync(
        IReadOnlyList<ChunkKey> keys, CancellationToken cancellationToken) =>
        Reading.FindChunksAsync(keys, cancellationToken);

    public ValueTask AnnounceAsync(IReadOnlyList<ChunkHeader> headers, CancellationToken cancellationToken) =>
        Writing.AnnounceAsync(headers, cancellationToken);

    public ValueTask EndAsync(RecordingEnd end, CancellationToken cancellationToken) =>
        Writing.EndAsync(end, cancellationToken);

    public ValueTask<LedgerNoted> NoteLedgerAsync(TellLedger told, CancellationToken cancellationToken) =>
        Writing.NoteLedgerAsync(told, cancellationToken);

    public ValueTask<LedgerSources?> ReadLedgerAsync(Guid id, CancellationToken cancellationToken) =>
        inner.ReadLedgerAsync(id, cancellationToken);

    public ValueTask<bool> IsCompleteAsync(Guid id, CancellationToken cancellationToken) =>
        inner.IsCompleteAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<WantedChunks>> MarkWantedAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        inner.MarkWantedAsync(selection, cancellationToken);

    public ValueTask<IReadOnlyList<ChunkRef>> ListWantedAsync(
        string vehicleId, int chunksMax, CancellationToken cancellationToken) =>
        inner.ListWantedAsync(vehicleId, chunksMax, cancellationToken);

    public ValueTask<int> OpenPackAsync(Guid id, int lastInStore, CancellationToken cancellationToken) =>
        Writing.OpenPackAsync(id, lastInStore, cancellationToken);

    public ValueTask SealPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        Writing.SealPackAsync(id, number, cancellationToken);

    public ValueTask NoteOpenPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        Writing.NoteOpenPackAsync(id, number, cancellationToken);

    public ValueTask RemovePackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        inner.RemovePackAsync(id, number, cancellationToken);

    public ValueTask<IReadOnlyList<OpenPack>> ListOpenPacksAsync(CancellationToken cancellationToken) =>
        inner.ListOpenPacksAsync(cancellationToken);

    public ValueTask<OpenPack?> FindOpenPackAsync(Guid id, int number, CancellationToken cancellationToken) =>
        inner.FindOpenPackAsync(id, number, cancellationToken);

    public ValueTask<ulong> GetLastOrdinalAsync(CancellationToken cancellationToken) =>
        inner.GetLastOrdinalAsync(cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListTopicNamesAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        inner.ListTopicNamesAsync(selection, cancellationToken);

    public ValueTask<SelectionTotals> GetTotalsAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        inner.GetTotalsAsync(selection, cancellationToken);

    public ValueTask<IReadOnlyList<TopicSummary>> ListTopicsAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        inner.ListTopicsAsync(selection, cancellationToken);

    public IAsyncEnumerable<IndexedChunk> ReadStoredAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        inner.ReadStoredAsync(selection, cancellationToken);

    public ValueTask<IReadOnlyList<VehicleSummary>> ListVehiclesAsync(CancellationToken cancellationToken) =>
        inner.ListVehiclesAsync(cancellationToken);

    public ValueTask<RecordingPage> ListRecordingsAsync(
        ChunkSelection selection, Guid? after, int pageSize, CancellationToken cancellationToken) =>
        inner.ListRecordingsAsync(selection, after, pageSize, cancellationToken);

    public ValueTask<IReadOnlyList<CoverageRange>> GetCoverageAsync(
        ChunkSelection selection, int rangesMax, CancellationToken cancellationToken) =>
        inner.GetCoverageAsync(selection, rangesMax, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
