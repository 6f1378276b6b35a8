using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Store;
using Google.Protobuf;

namespace AvSdk.Gateway.Query;

/// <summary>The service <c>av.v1.Query</c>, without the gRPC round it.</summary>
internal sealed class QueryHandlers(
    IChunkIndex index, IPackStore store, ConnectedVehicles vehicles, GatewayMeter meter)
{
    private const int DataBytesMax = 1 << 20;
    private readonly SelectionResolver _resolver = new(index);

    public async ValueTask<QueryPlan> PlanAsync(Selection selection, CancellationToken cancellationToken)
    {
        (ResolvedSelection resolved, ulong asOf) = await PinAsync(selection, cancellationToken)
            .ConfigureAwait(false);
        SelectionTotals totals = await index.GetTotalsAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<TopicSummary> topics = await index.ListTopicsAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false);
        QueryPlan plan = new()
        {
            AsOf = asOf,
            StoredChunks = totals.StoredChunks,
            StoredBytes = totals.StoredBytes,
            AnnouncedChunks = totals.AnnouncedChunks,
            AnnouncedBytes = totals.AnnouncedBytes,
            MessagesMax = topics.Aggregate(0UL, (sum, topic) => sum + topic.Messages),
        };
        plan.Topics.AddRange(topics);
        plan.UnmatchedTopics.AddRange(resolved.UnmatchedTopics);
        plan.KnownTopics.AddRange(resolved.KnownTopics);
        return plan;
    }

    /// <summary>
    /// <paramref name="send"/> returns when the reader takes the reply, which is borrowed until then.
    /// </summary>
    public async Task ReadAsync(
        ReadRequest request,
        Func<ReadReply, CancellationToken, ValueTask> send,
        CancellationToken cancellationToken)
    {
        (ResolvedSelection resolved, ulong asOf) =
            await PinAsync(request.Selection, cancellationToken).ConfigureAwait(false);
        resolved.RequireTopics();
        SelectionTotals totals = await index.GetTotalsAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false);
        ReadBegin begin = new() { AsOf = asOf, Chunks = totals.StoredChunks, Bytes = totals.StoredBytes };
        await send(new ReadReply { Begin = begin }, cancellationToken).ConfigureAwait(false);

        HashSet<Guid> defined = [];
        await foreach (IndexedChunk chunk in index.ReadStoredAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false))
        {
            if (defined.Add(chunk.Key.RecordingId))
            {
                Definitions definitions = await DefineAsync(chunk.Key.RecordingId, cancellationToken)
                    .ConfigureAwait(false);
                await send(new ReadReply { Definitions = definitions }, cancellationToken)
                    .ConfigureAwait(false);
            }

            await SendChunkAsync(chunk, send, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<RequestReply> RequestAsync(
        Selection selection, CancellationToken cancellationToken)
    {
        ResolvedSelection resolved = (await _resolver.ResolveAsync(selection, cancellationToken)
            .ConfigureAwait(false)).RequireTopics();
        RequestReply reply = new();
        foreach (WantedChunks wanted in await index.MarkWantedAsync(resolved.Chunks, cancellationToken)
            .ConfigureAwait(false))
        {
            reply.RequestedChunks += (ulong)wanted.Chunks.Count;
            reply.RequestedBytes += wanted.Bytes;
            if (vehicles.TryAsk(wanted.VehicleId, wanted.Chunks))
                reply.ReachableChunks += (ulong)wanted.Chunks.Count;
        }

        return reply;
    }

    /// <summary>
    /// Ordinals ascend as rows are committed, so "up to the newest now" never changes its meaning.
    /// </summary>
    private async ValueTask<(ResolvedSelection Selection, ulong AsOf)> PinAsync(
        Selection? selection, CancellationToken cancellationToken)
    {
        ulong last = await index.GetLastOrdinalAsync(cancellationToken).ConfigureAwait(false);
        ResolvedSelection resolved = await _resolver.ResolveAsync(selection, cancellationToken)
            .ConfigureAwait(false);
        ulong asOf = Math.Min(resolved.Chunks.AsOf ?? last, last);
        return (resolved with { Chunks = resolved.Chunks with { AsOf = asOf } }, asOf);
    }

    private async ValueTask<Definitions> DefineAsync(Guid recordingId, CancellationToken cancellationToken)
    {
        RecordingDefinitions found = (await index.FindRecordingAsync(recordingId, cancellationToken)
            .ConfigureAwait(false))!;
        Definitions definitions = new() { Recording = found.Info };
        definitions.Schemas.AddRange(found.Schemas);
        definitions.Channels.AddRange(found.Channels);
        return definitions;
    }

    private async ValueTask SendChunkAsync(
        IndexedChunk chunk,
        Func<ReadReply, CancellationToken, ValueTask> send,
        CancellationToken cancellationToken)
    {
        int bytes = checked((int)chunk.Header.BodyBytes);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            // Before the header goes out: a reader that has the header waits for the body.
            await LoadAsync(chunk, buffer.AsMemory(0, bytes), cancellationToken).ConfigureAwait(false);
            await send(new ReadReply { Chunk = chunk.Header }, cancellationToken).ConfigureAwait(false);
            for (int at = 0; at < bytes; at += DataBytesMax)
            {
                // Wrapped, not copied: the reply is done with when send returns.
                ReadOnlyMemory<byte> some = buffer.AsMemory(at, Math.Min(DataBytesMax, bytes - at));
                await send(new ReadReply { Data = UnsafeByteOperations.UnsafeWrap(some) }, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        meter.ChunksRead.Add(1);
        meter.BytesRead.Add(bytes);
    }

    private async ValueTask LoadAsync(
        IndexedChunk chunk, Memory<byte> body, CancellationToken cancellationToken)
    {
        PackId pack = new(chunk.VehicleId, chunk.Key.RecordingId, chunk.Location!.Value.Pack);
        try
        {
            await store.ReadAsync(pack, chunk.Location.Value.BodyOffset, body, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Not "unavailable": the client would come back to the same chunk until it gives up.
            throw new QueryRefusal(
                QueryRefusalKind.DataLost,
                $"Chunk {chunk.Key} cannot be read from pack {pack}: {failure.Message} Check the gateway's "
                + "disk, and put the pack back from a copy. If it is lost, stop the gateway, remove its "
                + "index.db* and run `avgateway rebuild-index --data DIR`: queries then go on without the "
                + "chunk. Until then select around it.");
        }
    }
}
