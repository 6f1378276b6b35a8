using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>
/// The gateway's memory of recordings and chunks, announced and stored. When a writing call returns, what it
/// wrote is durable; when it throws, nothing of it is to be relied on, and it may be made again.
/// </summary>
/// <remarks>
/// Safe for use from any number of tasks. Whatever the store under it fails with is an
/// <see cref="IOException"/> whose message names the remedy.
/// </remarks>
public interface IChunkIndex : IChunkCatalogue, IAsyncDisposable
{
    /// <summary>Opens or creates the index; called once, before everything else.</summary>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes and takes back a mark, to find out whether the index can be written to.</summary>
    ValueTask CheckWritableAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds a recording, whole schemas and channels; what is known stays. Schemas whose data was not told are
    /// left out of <paramref name="schemas"/>.
    /// </summary>
    /// <exception cref="IndexConflictException">
    /// The recording is another vehicle's, or a channel or schema id is taken by another definition.
    /// </exception>
    ValueTask DefineAsync(
        RecordingInfo recording,
        IReadOnlyList<SchemaDefinition> schemas,
        IReadOnlyList<ChannelDefinition> channels,
        CancellationToken cancellationToken);

    /// <summary>What is known of a recording; null: nothing.</summary>
    ValueTask<RecordingDefinitions?> FindRecordingAsync(
        Guid recordingId, CancellationToken cancellationToken);

    /// <summary>Of these hashes, those whose schema is not here.</summary>
    ValueTask<IReadOnlyList<byte[]>> FindMissingSchemasAsync(
        IReadOnlyList<byte[]> sha256, CancellationToken cancellationToken);

    /// <summary>The rows of these chunks in the same order; null where there is none.</summary>
    ValueTask<IReadOnlyList<IndexedChunk?>> FindChunksAsync(
        IReadOnlyList<ChunkKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Adds rows for chunks that are in a vehicle. A row that is announced is replaced; one that is stored
    /// stays. The recordings must be known.
    /// </summary>
    ValueTask AnnounceAsync(IReadOnlyList<ChunkHeader> headers, CancellationToken cancellationToken);

    /// <summary>
    /// Turns chunks into stored ones, all in one transaction, with ascending ordinals in the order given; a
    /// chunk need not have been announced. One outcome for each, in the same order.
    /// </summary>
    ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync(
        IReadOnlyList<StoredChunk> chunks, CancellationToken cancellationToken);

    /// <summary>
    /// Notes how a recording ended; told again, the newer word counts. The recording must be known.
    /// </summary>
    ValueTask EndAsync(RecordingEnd end, CancellationToken cancellationToken);

    /// <summary>
    /// Adds entries to a recording's ledger, all of them or none, and tells how far it goes; without entries it only
    /// tells. Entries that are here change nothing. Such as do not follow are refused, which is noted for the report.
    /// The recording must be known.
    /// </summary>
    ValueTask<LedgerNoted> NoteLedgerAsync(TellLedger told, CancellationToken cancellationToken);

    /// <summary>True: the end was told, and every lane's chunks up to its last sequence are stored.</summary>
    ValueTask<bool> IsCompleteAsync(Guid recordingId, CancellationToken cancellationToken);

    /// <summary>
    /// Marks the announced chunks of a selection as asked for, and returns them by vehicle, in order of name.
    /// </summary>
    ValueTask<IReadOnlyList<WantedChunks>> MarkWantedAsync(
        ChunkSelection selection, CancellationToken cancellationToken);

    /// <summary>
    /// Announced chunks of a vehicle that were asked for, oldest first, at most <paramref name="chunksMax"/>.
    /// </summary>
    ValueTask<IReadOnlyList<ChunkRef>> ListWantedAsync(
        string vehicleId, int chunksMax, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the recording's next pack number and notes that the pack is open. The number is above
    /// <paramref name="lastInStore"/> too: the store may hold packs that a lost index forgot.
    /// </summary>
    ValueTask<int> OpenPackAsync(Guid recordingId, int lastInStore, CancellationToken cancellationToken);

    /// <summary>Notes that a pack is sealed: it will never be written to again.</summary>
    ValueTask SealPackAsync(Guid recordingId, int number, CancellationToken cancellationToken);

    /// <summary>
    /// Notes a pack as open that was found without a row; one that is known stays as it is.
    /// </summary>
    ValueTask NoteOpenPackAsync(Guid recordingId, int number, CancellationToken cancellationToken);

    /// <summary>Forgets an open pack in which no chunk has a row.</summary>
    ValueTask RemovePackAsync(Guid recordingId, int number, CancellationToken cancellationToken);

    /// <summary>Every pack that was begun and not sealed.</summary>
    ValueTask<IReadOnlyList<OpenPack>> ListOpenPacksAsync(CancellationToken cancellationToken);

    /// <summary>The open pack of that number as it stands; null: it is sealed or unknown.</summary>
    ValueTask<OpenPack?> FindOpenPackAsync(
        Guid recordingId, int number, CancellationToken cancellationToken);
}
