using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Store;

/// <summary>
/// The pack that each recording's chunks go to now. One owner, the committer: not safe for threads.
/// </summary>
/// <remarks>
/// A pack that an operation failed on is abandoned: closed, cut behind its last chunk with a row, sealed, and
/// the recording goes on in a new one. After a failed fsync nothing is believed of what lies behind the last
/// row. A pack in which chunks still wait for their rows is never sealed for want of room: were that to fail, the
/// repair would cut those chunks, and their rows would come after.
/// </remarks>
internal sealed class OpenPacks(
    IPackStore store, IChunkIndex index, GatewayOptions options, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<Guid, Entry> _open = [];
    private readonly List<PackId> _broken = [];
    private readonly PackRepair _repair = new(store, index, logger);

    public int Count => _open.Count;

    /// <summary>Bytes of the recording's open pack; 0: it has none.</summary>
    public long Bytes(Guid recordingId) =>
        _open.TryGetValue(recordingId, out Entry? entry) ? entry.Writer.Bytes : 0;

    public async ValueTask<PackLocation> AppendAsync(
        RecordingDefinitions recording,
        ChunkHeader header,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        Entry entry = await OpenAsync(recording, cancellationToken).ConfigureAwait(false);
        entry.WrittenAt = time.GetTimestamp();
        entry.WaitsForRows = true;
        if (!ReferenceEquals(entry.Definitions, recording))
        {
            await entry.Writer.DefineAsync(recording, cancellationToken).ConfigureAwait(false);
            entry.Definitions = recording;
        }

        long offset = await entry.Writer.AppendAsync(header, body, cancellationToken).ConfigureAwait(false);
        return new PackLocation(entry.Writer.Id.Number, offset);
    }

    /// <summary>The recording's open pack: to flush it, which may go beside appends.</summary>
    public IPackWriter WriterOf(Guid recordingId) => _open[recordingId].Writer;

    /// <summary>Every chunk of the recording's pack has its row.</summary>
    public void NoteRows(Guid recordingId)
    {
        if (_open.TryGetValue(recordingId, out Entry? entry))
            entry.WaitsForRows = false;
    }

    /// <summary>After an error: what has no row in this recording's pack is not to be relied on.</summary>
    public async ValueTask AbandonAsync(
        Guid recordingId, Exception failure, CancellationToken cancellationToken)
    {
        if (!_open.Remove(recordingId, out Entry? entry))
            return;
        StoreLog.PackAbandoned(logger, entry.Writer.Id, failure);
        await CloseBrokenAsync(entry.Writer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Seals the recording's pack, if one is open.</summary>
    public async ValueTask SealAsync(Guid recordingId, CancellationToken cancellationToken)
    {
        if (!_open.Remove(recordingId, out Entry? entry))
            return;
        PackId id = entry.Writer.Id;
        try
        {
            await entry.Writer.SealAsync(cancellationToken).ConfigureAwait(false);
            await entry.Writer.DisposeAsync().ConfigureAwait(false);
            await index.SealPackAsync(recordingId, id.Number, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was: a pack that could not be sealed must be repaired.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            StoreLog.SealFailed(logger, id, failure);
            await CloseBrokenAsync(entry.Writer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Seals what nothing was written to for a while, and tries again what could not be repaired.
    /// </summary>
    public async ValueTask SealIdleAsync(CancellationToken cancellationToken)
    {
        Guid[] idle =
        [
            .. _open.Where(pack => time.GetElapsedTime(pack.Value.WrittenAt) >= options.PackIdleTime)
                .Select(pack => pack.Key),
        ];
        foreach (Guid recordingId in idle)
            await SealAsync(recordingId, cancellationToken).ConfigureAwait(false);

        PackId[] broken = [.. _broken];
        _broken.Clear();
        foreach (PackId id in broken)
            await RepairAsync(id, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask SealAllAsync(CancellationToken cancellationToken)
    {
        foreach (Guid recordingId in _open.Keys.ToArray())
            await SealAsync(recordingId, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Entry> OpenAsync(
        RecordingDefinitions recording, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(recording.Id, out Entry? entry))
            return entry;
        await MakeRoomAsync(cancellationToken).ConfigureAwait(false);

        // An index that was lost, or rebuilt past a pack that cannot be read, does not know every number
        // that is taken. The row goes first: a pack that a crash leaves behind is found by it, without a
        // walk through all folders.
        int last = await store.FindLastNumberAsync(
            recording.Info.VehicleId, recording.Id, cancellationToken).ConfigureAwait(false);
        int number = await index.OpenPackAsync(recording.Id, last, cancellationToken).ConfigureAwait(false);
        PackId id = new(recording.Info.VehicleId, recording.Id, number);
        try
        {
            IPackWriter writer = await store.CreateAsync(id, recording, cancellationToken)
                .ConfigureAwait(false);
            entry = new Entry(writer) { Definitions = recording, WrittenAt = time.GetTimestamp() };
            _open.Add(recording.Id, entry);
            return entry;
        }
        catch (PackExistsException)
        {
            // Not ours, so not to be repaired, which would remove it: only our row goes.
            await index.RemovePackAsync(recording.Id, number, cancellationToken).ConfigureAwait(false);
            throw;
        }
        catch
        {
            _broken.Add(id);
            throw;
        }
    }

    // The committer's groups are of fewer recordings than there may be packs, so one can always be sealed.
    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        while (_open.Count >= options.OpenPacksMax)
        {
            KeyValuePair<Guid, Entry>[] settled = [.. _open.Where(static pack => !pack.Value.WaitsForRows)];
            if (settled.Length == 0)
                return;
            await SealAsync(settled.MinBy(static pack => pack.Value.WrittenAt).Key, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CloseBrokenAsync(IPackWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is given up anyway; the repair, or the next one, tells whether it can be.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            StoreLog.CloseFailed(logger, writer.Id, failure);
        }

        await RepairAsync(writer.Id, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RepairAsync(PackId id, CancellationToken cancellationToken)
    {
        if (!await _repair.TryRepairAsync(id, cancellationToken).ConfigureAwait(false))
            _broken.Add(id);
    }

    private sealed class Entry(IPackWriter writer)
    {
        public IPackWriter Writer { get; } = writer;

        public required RecordingDefinitions Definitions { get; set; }

        public required long WrittenAt { get; set; }

        /// <summary>A chunk was appended whose row is not written yet.</summary>
        public bool WaitsForRows { get; set; }
    }
}
