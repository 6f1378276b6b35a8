using System.Collections.Concurrent;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// What all streams share: definitions, announcements, parts and the way of a whole chunk to the committer.
/// Messages come here after <see cref="IngestSession"/> found them well-formed. Safe for threads.
/// </summary>
internal sealed class IngestPipeline(
    IChunkIndex index,
    PartStaging staging,
    ChunkCommitter committer,
    IngestLimits limits,
    GatewayMeter meter,
    ILogger logger)
{
    private readonly RecordingBook _book = new(index);

    // Whole chunks on their way to being durable: whoever brings one of them again waits for the same
    // receipt.
    private readonly ConcurrentDictionary<ChunkKey, Task<Receipt>> _committing = [];

    public async ValueTask<Defined> DefineAsync(Define define, CancellationToken cancellationToken)
    {
        Guid recordingId = RecordingIds.Read(define.Recording.RecordingId);
        try
        {
            await index.DefineAsync(
                define.Recording,
                [.. define.Schemas.Where(SchemaHash.Matches)],
                define.Channels,
                cancellationToken).ConfigureAwait(false);
        }
        catch (IndexConflictException conflict)
        {
            throw IngestRefusal.Bad(conflict.Message);
        }

        KnownRecording? known = await _book.ReloadAsync(recordingId, cancellationToken).ConfigureAwait(false);
        Defined defined = new() { RecordingId = define.Recording.RecordingId };
        defined.MissingSchemaSha256.AddRange(known!.MissingSchemas);
        return defined;
    }

    public async ValueTask<Announced> AnnounceAsync(
        string vehicleId, Announce announce, CancellationToken cancellationToken)
    {
        foreach (IGrouping<Guid, ChunkHeader> headers in announce.Headers.GroupBy(
            header => RecordingIds.Read(header.Ref.RecordingId)))
        {
            KnownRecording recording = await FindOwnAsync(vehicleId, headers.Key, cancellationToken)
                .ConfigureAwait(false);
            foreach (ChunkHeader header in headers)
            {
                if (recording.CheckChannels(header) is { } problem)
                    throw IngestRefusal.Bad(problem);
            }
        }

        // A chunk on its way to being durable is stored in a moment; to say anything else would bring it
        // again.
        foreach (ChunkHeader header in announce.Headers)
        {
            if (_committing.TryGetValue(ChunkKey.From(header.Ref), out Task<Receipt>? receipt))
                await receipt.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await index.AnnounceAsync(
            [.. announce.Headers.Where(header => Oversize(header) is null)], cancellationToken)
            .ConfigureAwait(false);
        meter.ChunksAnnounced.Add(announce.Headers.Count);
        IReadOnlyList<IndexedChunk?> rows = await index.FindChunksAsync(
            [.. announce.Headers.Select(header => ChunkKey.From(header.Ref))], cancellationToken)
            .ConfigureAwait(false);
        Announced announced = new();
        for (int i = 0; i < rows.Count; i++)
            announced.States.Add(StateOf(announce.Headers[i], rows[i]));
        return announced;
    }

    public async ValueTask<StagedPart> StageAsync(
        string vehicleId, ChunkKey key, ulong offset, ByteString data, CancellationToken cancellationToken)
    {
        if (_committing.TryGetValue(key, out Task<Receipt>? receipt))
        {
            await FindOwnAsync(vehicleId, key.RecordingId, cancellationToken).ConfigureAwait(false);
            return new StagedPart(receipt, IsWhole: false);
        }

        StageResult result = staging.Append(vehicleId, key, offset, data.Span, out StagedChunk? whole);
        if (result == StageResult.Unknown)
        {
            Receipt? early;
            try
            {
                early = await BeginAsync(vehicleId, key, offset, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException failure)
            {
                early = Later(key, "The gateway cannot use its index now: " + failure.Message);
            }

            if (early is not null)
                return new StagedPart(Task.FromResult(early), IsWhole: false);
            result = staging.Append(vehicleId, key, offset, data.Span, out whole);
        }

        return result switch
        {
            StageResult.Held => default,
            StageResult.Whole => new StagedPart(
                await CommitAsync(whole!, cancellationToken).ConfigureAwait(false), IsWhole: true),
            StageResult.OtherVehicle => throw new IngestRefusal(
                IngestRefusalKind.NotAllowed, $"Chunk {key} is another vehicle's."),
            _ => new StagedPart(
                Task.FromResult(
                    Later(key, "A part does not follow what is here; send the chunk from its start.")),
                IsWhole: false),
        };
    }

    public async ValueTask<Ended> EndAsync(
        string vehicleId, RecordingEnd end, CancellationToken cancellationToken)
    {
        Guid recordingId = RecordingIds.Read(end.RecordingId);
        await FindOwnAsync(vehicleId, recordingId, cancellationToken).ConfigureAwait(false);
        await index.EndAsync(end, cancellationToken).ConfigureAwait(false);
        await committer.NoteEndAsync(recordingId, cancellationToken).ConfigureAwait(false);
        return new Ended { RecordingId = end.RecordingId };
    }

    public async ValueTask<LedgerNoted> NoteLedgerAsync(
        string vehicleId, TellLedger told, CancellationToken cancellationToken)
    {
        Guid recordingId = RecordingIds.Read(told.RecordingId);
        await FindOwnAsync(vehicleId, recordingId, cancellationToken).ConfigureAwait(false);
        LedgerNoted noted = await index.NoteLedgerAsync(told, cancellationToken).ConfigureAwait(false);
        if (noted.Refused.Length > 0)
            IngestLog.LedgerRefused(logger, vehicleId, recordingId, noted.Refused);
        return noted;
    }

    private async ValueTask<KnownRecording> FindOwnAsync(
        string vehicleId, Guid recordingId, CancellationToken cancellationToken)
    {
        KnownRecording? recording = await _book.FindAsync(recordingId, cancellationToken)
            .ConfigureAwait(false);
        if (recording is null)
            throw IngestRefusal.Bad($"Recording {recordingId} has not been defined; send define first.");
        if (recording.VehicleId != vehicleId)
        {
            throw new IngestRefusal(
                IngestRefusalKind.NotAllowed,
                $"Recording {recordingId} is not of {vehicleId}; a vehicle writes only its own recordings.");
        }

        return recording;
    }

    /// <summary>
    /// Makes room for a chunk that was announced. Not null: it is not to be sent, now or ever.
    /// </summary>
    private async ValueTask<Receipt?> BeginAsync(
        string vehicleId, ChunkKey key, ulong offset, CancellationToken cancellationToken)
    {
        KnownRecording recording = await FindOwnAsync(vehicleId, key.RecordingId, cancellationToken)
            .ConfigureAwait(false);
        IndexedChunk? row = (await index.FindChunksAsync([key], cancellationToken).ConfigureAwait(false))[0];
        if (row is null)
            throw IngestRefusal.Bad($"A part of chunk {key} came before its header; send announce first.");
        if (row.Ordinal is not null)
        {
            meter.ChunksAlreadyStored.Add(1);
            return Receipts.AlreadyStored(row.Header);
        }

        if (recording.CheckSchemas(row.Header) is { } problem)
            throw IngestRefusal.Bad(problem);
        if (Oversize(row.Header) is { } tooLarge)
            return Reject(vehicleId, row.Header, tooLarge);
        if (offset != 0)
            return Later(key, "Its earlier parts are not here any more; send the chunk from its start.");
        return staging.TryBegin(vehicleId, row.Header)
            ? null
            : Later(key, "The gateway's memory for unfinished chunks is full.");
    }

    private async ValueTask<Task<Receipt>> CommitAsync(StagedChunk chunk, CancellationToken cancellationToken)
    {
        TaskCompletionSource<Receipt> receipt = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_committing.TryAdd(chunk.Key, receipt.Task))
        {
            // Two streams finished the same chunk in the same moment.
            chunk.Dispose();
            return _committing.TryGetValue(chunk.Key, out Task<Receipt>? other)
                ? other
                : Task.FromResult(Later(chunk.Key, "It came twice at once."));
        }

        try
        {
            Task<Receipt> committed = ChunkVerifier.Check(chunk.Header, chunk.Body.Span) is { } reason
                ? RejectWhole(chunk, reason)
                : await QueueAsync(chunk, cancellationToken).ConfigureAwait(false);
            _ = CompleteAsync(chunk.Key, committed, receipt);
            return receipt.Task;
        }
        catch (Exception failure)
        {
            _committing.TryRemove(chunk.Key, out _);
            receipt.TrySetResult(Later(chunk.Key, "The gateway could not take it."));
            if (failure is IOException)
                return receipt.Task;
            throw;
        }
    }

    private async ValueTask<Task<Receipt>> QueueAsync(StagedChunk chunk, CancellationToken cancellationToken)
    {
        KnownRecording? recording;
        try
        {
            recording = await _book.FindAsync(chunk.Key.RecordingId, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            chunk.Dispose();
            throw;
        }

        return await committer.CommitAsync(chunk, recording!.Definitions, cancellationToken)
            .ConfigureAwait(false);
    }

    // Ends with the receipt, which the committer always gives.
    private async Task CompleteAsync(
        ChunkKey key, Task<Receipt> committed, TaskCompletionSource<Receipt> receipt)
    {
        Receipt given = await committed.ConfigureAwait(false);
        _committing.TryRemove(key, out _);
        receipt.TrySetResult(given);
    }

    private Task<Receipt> RejectWhole(StagedChunk chunk, string reason)
    {
        Receipt rejected = Reject(chunk.VehicleId, chunk.Header, reason);
        chunk.Dispose();
        return Task.FromResult(rejected);
    }

    private Receipt Reject(string vehicleId, ChunkHeader header, string reason)
    {
        meter.ChunksRejected.Add(1);
        IngestLog.ChunkRejected(logger, vehicleId, ChunkKey.From(header.Ref), reason);
        return Receipts.Rejected(header.Ref, reason);
    }

    private Receipt Later(ChunkKey key, string reason)
    {
        meter.ChunksDeferred.Add(1);
        return Receipts.RetryLater(key.ToRef(), reason);
    }

    private string? Oversize(ChunkHeader header) =>
        header.BodyBytes > (ulong)limits.ChunkBytesMax
            ? $"limit: the body has {header.BodyBytes} bytes; this gateway takes {limits.ChunkBytesMax} at "
                + "most (ChunkBytesMax)."
            : null;

    private ChunkState StateOf(ChunkHeader header, IndexedChunk? row)
    {
        ChunkState state = new() { Ref = header.Ref };
        if (Oversize(header) is { } tooLarge)
        {
            state.Kind = ChunkState.Types.Kind.Rejected;
            state.Reason = tooLarge;
        }
        else if (row is { Ordinal: not null } && row.Header.Sha256.Equals(header.Sha256))
        {
            state.Kind = ChunkState.Types.Kind.Stored;
            state.HeldBytes = header.BodyBytes;
        }
        else if (row is { Ordinal: not null })
        {
            state.Kind = ChunkState.Types.Kind.Rejected;
            state.Reason = Receipts.OtherHash(header, row.Header);
        }
        else
        {
            state.HeldBytes = staging.HeldBytes(header);
            state.Kind = state.HeldBytes == 0 ? ChunkState.Types.Kind.Unknown : ChunkState.Types.Kind.Partial;
        }

        return state;
    }
}
