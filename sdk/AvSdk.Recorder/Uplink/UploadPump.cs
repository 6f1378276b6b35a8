using AvSdk.Contracts.V1;
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Links;
using AvSdk.Recording.Spool;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// One session's two loops: what the session wants is read from the spool and sent, what comes is told.
/// </summary>
internal sealed class UploadPump(
    UploadSession session, string uplinkName, IUplinkSession link, SpoolIndex index, RecorderOptions options,
    ChunkBufferPool pool, TimeProvider time, SpaceSignal changed, ILogger log, UploadCounters counters,
    UploadQueue queue, LinkMeter? meter)
{
    /// <summary>How long a reader is given to say why a link ended that the writer saw ending.</summary>
    public static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(1);

    // Gateways take messages of at least 4 MiB.
    private const int MessageBytesTarget = 1 << 20;

    // A link that takes less than this is no link: a gateway that hangs keeps its window shut for ever.
    private const int BytesPerSecondMin = 2048;

    private const int UnreadMax = 6;
    private const int UnreadAloneMax = 20;
    private static readonly TimeSpan UnreadDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly PartSize _partSize = new(options.Upload.PartBytes);
    private readonly long _startedAt = time.GetTimestamp();
    private long _activeAt = time.GetTimestamp();

    public Action<long>? PartSent { get; init; }

    /// <summary>The gateway did what it is there for.</summary>
    public Action? Worked { get; init; }

    /// <summary>Told what the gateway is like.</summary>
    public Action<Opened>? Opened { get; init; }

    public async Task ReceiveAllAsync(CancellationToken cancellationToken)
    {
        List<UploadOutcome> outcomes = [];
        while (await link.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } reply)
        {
            Volatile.Write(ref _activeAt, time.GetTimestamp());
            outcomes.Clear();
            lock (_gate)
                session.OnReply(reply, Now, outcomes);
            if (reply.KindCase == UploadReply.KindOneofCase.Opened)
            {
                counters.State = UplinkState.Connected;
                Opened?.Invoke(reply.Opened);
                UplinkLog.Connected(log, uplinkName, reply.Opened.Software);
            }

            if (reply.Receipt?.Outcome is Receipt.Types.Outcome.Stored or Receipt.Types.Outcome.AlreadyStored)
                Worked?.Invoke();
            foreach (UploadOutcome outcome in outcomes)
                Apply(outcome);
            changed.Pulse();
        }
    }

    public async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wake = changed.Next;
            UploadStep step;
            lock (_gate)
                step = session.Next(Now);
            if (step is not UploadStep.Wait)
                Volatile.Write(ref _activeAt, time.GetTimestamp());
            switch (step)
            {
                case UploadStep.Open:
                    await SendOpenAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case UploadStep.Define define:
                    await SendDefineAsync(define, cancellationToken).ConfigureAwait(false);
                    break;
                case UploadStep.Announce announce:
                    await SendAnnounceAsync(announce, cancellationToken).ConfigureAwait(false);
                    break;
                case UploadStep.Part part:
                    part = part with { Bytes = Math.Min(part.Bytes, _partSize.Bytes) };
                    long begun = time.GetTimestamp();
                    await SendPartAsync(part, cancellationToken).ConfigureAwait(false);
                    _partSize.Note(part.Bytes, time.GetElapsedTime(begun));
                    break;
                case UploadStep.End end:
                    UploadRequest request = new() { End = new End { End_ = end.Recording.End } };
                    await SendAsync(request, cancellationToken).ConfigureAwait(false);
                    break;
                case UploadStep.Ledger told:
                    await SendLedgerAsync(told, cancellationToken).ConfigureAwait(false);
                    break;
                case UploadStep.Wait wait:
                    await WaitAsync(wake, wait.Delay, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw new InvalidOperationException(step.ToString());
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_startedAt);

    private ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken) =>
        meter?.TrySpend(request.CalculateSize(), isChunk: false, isMarked: false) == false
            ? throw new UplinkException($"The budget of link {meter.Options.Name} is used up.")
            : SendCountedAsync(request, cancellationToken);

    private async ValueTask SendCountedAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        TimeSpan limit = TimeSpan.FromSeconds(request.CalculateSize() / BytesPerSecondMin);
        if (limit < options.Upload.ReplyTimeout)
            limit = options.Upload.ReplyTimeout;
        using CancellationTokenSource late = new(limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, late.Token);
        try
        {
            await link.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UplinkException($"The link took no message for {limit}: it is taken for dead.");
        }
    }

    private ValueTask SendOpenAsync(CancellationToken cancellationToken)
    {
        Open open = new() { Protocol = 1, VehicleId = options.VehicleId, Software = options.Software };
        return SendAsync(new UploadRequest { Open = open }, cancellationToken);
    }

    private ValueTask SendDefineAsync(UploadStep.Define step, CancellationToken cancellationToken)
    {
        SpoolRecording recording = step.Recording;
        (Define define, int version) = recording.Definitions.ToDefine(
            recording.Info, step.Whole, MessageBytesTarget);
        lock (_gate)
            session.DefineSent(recording, version);
        return SendAsync(new UploadRequest { Define = define }, cancellationToken);
    }

    private ValueTask SendAnnounceAsync(UploadStep.Announce step, CancellationToken cancellationToken)
    {
        Announce announce = new();
        List<(SpoolChunk, ChunkRef)> sent = [];
        int bytes = 0;
        for (int at = 0; at < step.Chunks.Count; at++)
        {
            SpoolChunk chunk = step.Chunks[at];
            if (bytes > MessageBytesTarget)
            {
                // Chunks of very many channels have long headers: the rest goes with the next announcement.
                queue.ReturnUnannounced(step.Chunks.Skip(at));
                break;
            }

            try
            {
                ChunkHeader header = index.ReadHeader(chunk);
                bytes += header.CalculateSize();
                announce.Headers.Add(header);
                sent.Add((chunk, header.Ref));
            }
            catch (ChunkDamagedException error)
            {
                GiveUp(chunk, error);
            }
            catch (IOException error)
            {
                NoteUnread(chunk, error);
            }
        }

        lock (_gate)
            session.AnnounceSent(sent);
        return sent.Count == 0
            ? ValueTask.CompletedTask
            : SendAsync(new UploadRequest { Announce = announce }, cancellationToken);
    }

    private ValueTask SendLedgerAsync(UploadStep.Ledger step, CancellationToken cancellationToken)
    {
        TellLedger? page = index.Ledgers?.Find(step.Recording.Id)?.NextPage();
        if (page is null)
        {
            index.Ledgers?.Touch();
            return ValueTask.CompletedTask;
        }

        lock (_gate)
            session.LedgerSent(step.Recording);
        return SendAsync(new UploadRequest { Ledger = page }, cancellationToken);
    }

    private async ValueTask SendPartAsync(UploadStep.Part step, CancellationToken cancellationToken)
    {
        byte[] buffer = pool.Rent(step.Bytes);
        try
        {
            Memory<byte> data = buffer.AsMemory(0, step.Bytes);
            try
            {
                index.ReadBody(step.Chunk, step.Offset, data);
                if (step.Offset + step.Bytes == step.Chunk.BodyBytes)
                {
                    step.Chunk.Unread = default;
                    counters.AddRead();
                }
            }
            catch (ChunkDamagedException error)
            {
                GiveUp(step.Chunk, error);
                return;
            }
            catch (IOException error)
            {
                NoteUnread(step.Chunk, error);
                return;
            }

            Part part = new()
            {
                Ref = new ChunkRef
                {
                    RecordingId = step.Chunk.Segment.Recording.Info.RecordingId,
                    Lane = step.Chunk.Segment.Lane.Name,
                    Sequence = step.Chunk.Sequence,
                },
                Offset = (ulong)step.Offset,
                // The message is borrowed until SendAsync ends, and so is the buffer.
                Data = UnsafeByteOperations.UnsafeWrap(data),
            };
            UploadRequest request = new() { Part = part };
            // What is left of a budget changes under other hands: the session asks again.
            if (meter?.TrySpend(request.CalculateSize(), true, step.Chunk.IsUrgent || step.Chunk.IsRequested) == false)
                return;
            // Evicted meanwhile: from here on it would be waited for.
            if (step.Offset + step.Bytes == step.Chunk.BodyBytes && !index.TrySend(step.Chunk))
                return;
            // Before it is sent: the receipt may be faster than the return from the send.
            lock (_gate)
                session.PartSent(step);
            await SendCountedAsync(request, cancellationToken).ConfigureAwait(false);
            counters.AddPart(step.Bytes);
            PartSent?.Invoke(step.Bytes);
        }
        finally
        {
            pool.Return(buffer);
        }
    }

    // No open file left, a disk that stumbles: once says nothing of the chunk, and an end is for good. Time and again, while
    // others can be read, it is the chunk; where nothing else was read it takes longer to say so.
    private void NoteUnread(SpoolChunk chunk, IOException error)
    {
        (int times, long before) = chunk.Unread;
        before = times == 0 ? counters.Read : before;
        chunk.Unread = (++times, before);
        if (times >= (counters.Read > before ? UnreadMax : UnreadAloneMax))
        {
            GiveUp(chunk, new ChunkDamagedException($"Chunk {chunk} could not be read {times} times: {error.Message}", error));
            return;
        }

        UplinkLog.CannotRead(log, chunk.ToString(), times, error);
        TimeSpan delay = UnreadDelay * Math.Min(1 << Math.Min(times - 1, 5), 30);
        lock (_gate)
            session.Postpone(chunk, Now + delay);
    }

    // Evicted meanwhile, or not what was written.
    private void GiveUp(SpoolChunk chunk, ChunkDamagedException error)
    {
        lock (_gate)
            session.Drop(chunk);
        if (index.End(chunk, ChunkEnd.Damaged, EndReasons.Unreadable))
            UplinkLog.Unreadable(log, chunk.ToString(), error);
    }

    private void Apply(UploadOutcome outcome)
    {
        switch (outcome)
        {
            case UploadOutcome.Delivered delivered:
                if ((index.FindPending(delivered.Chunk) is { } stored && index.End(stored, ChunkEnd.Delivered))
                    || index.Settle(delivered.Chunk, isStored: true))
                {
                    counters.AddDelivered();
                }

                break;
            case UploadOutcome.Rejected rejected:
                if (index.FindPending(rejected.Chunk) is { } refused && index.End(refused, ChunkEnd.Damaged, EndReasons.Rejected))
                {
                    counters.AddRejected();
                    UplinkLog.Rejected(log, refused.ToString(), rejected.Reason);
                }

                index.Settle(rejected.Chunk, isStored: false);
                break;
            case UploadOutcome.NotNow later:
                index.Settle(later.Chunk, isStored: false);
                break;
            case UploadOutcome.Requested requested:
                if (index.FindPending(requested.Chunk) is { } asked)
                    queue.Request(asked);
                break;
            case UploadOutcome.EndTold told:
                index.SetEndTold(told.Recording);
                break;
            case UploadOutcome.LedgerNoted noted:
                index.Ledgers?.Find(noted.Recording.Id)?.OnNoted(noted.Noted);
                index.Ledgers?.Touch();
                index.ForgetIfDone(noted.Recording);
                break;
            default:
                break;
        }
    }

    private async ValueTask WaitAsync(Task wake, TimeSpan? delay, CancellationToken cancellationToken)
    {
        TimeSpan? limit = delay;
        bool isOwed;
        lock (_gate)
            isOwed = session.IsOwed;
        if (isOwed)
        {
            TimeSpan left = options.Upload.ReplyTimeout - time.GetElapsedTime(Volatile.Read(ref _activeAt));
            if (left <= TimeSpan.Zero)
            {
                throw new UplinkException(
                    $"The gateway owes an answer and said nothing for {options.Upload.ReplyTimeout}: "
                    + "the link is taken for dead.");
            }

            limit = limit is null || left < limit ? left : limit;
        }

        if (limit is null)
        {
            await wake.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        // A delay counts whole milliseconds: one that was cut off would be none, over and over until it had passed.
        TimeSpan whole = TimeSpan.FromMilliseconds(Math.Ceiling(limit.Value.TotalMilliseconds));
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task timer = Task.Delay(whole, time, done.Token);
        await Task.WhenAny(wake, timer).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
