using System.Threading.Channels;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Admission;
using AvSdk.Gateway.Index;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// The shell round one <see cref="IngestSession"/>: reads messages, has the pipeline carry out what they ask
/// for, and writes replies in the order in which they come about. The link under it is two functions.
/// </summary>
internal sealed class IngestStream : IDisposable
{
    private const int RepliesMax = 256;
    private const int RefsPerRequestMax = 1000;

    // Less than a vehicle waits for a reply, two minutes by default.
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly IngestSession _session;
    private readonly Lock _sessionLock = new();
    private readonly IngestPipeline _pipeline;
    private readonly ConnectedVehicles _vehicles;
    private readonly IChunkIndex _index;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SessionGate? _admission;
    private readonly Channel<UploadReply> _replies = Channel.CreateBounded<UploadReply>(RepliesMax);
    private readonly CancellationTokenSource _ending = new();
    private int _receiptsAwaited;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _readEnded;

    public IngestStream(
        IngestSession session,
        IngestPipeline pipeline,
        ConnectedVehicles vehicles,
        IChunkIndex index,
        TimeProvider time,
        ILogger logger,
        SessionGate? admission = null)
    {
        _session = session;
        _pipeline = pipeline;
        _vehicles = vehicles;
        _index = index;
        _time = time;
        _logger = logger;
        _admission = admission;
    }

    /// <summary>
    /// Runs until the vehicle has no more to say and every receipt is out, or the link or the token ends it.
    /// </summary>
    /// <param name="receive">The next message; null: the vehicle closed its side.</param>
    /// <param name="send">Sends a reply; returns when the link takes it.</param>
    /// <param name="cancellationToken">The link is gone, or the gateway stops.</param>
    /// <exception cref="IngestRefusal">The stream is to be ended with this error.</exception>
    public async Task RunAsync(
        Func<CancellationToken, ValueTask<UploadRequest?>> receive,
        Func<UploadReply, CancellationToken, ValueTask> send,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        Task writing = WriteAsync(send, linked.Token);
        try
        {
            await ReadAsync(receive, linked.Token).ConfigureAwait(false);
            await DrainAsync(linked.Token).ConfigureAwait(false);
            _replies.Writer.TryComplete();
            await writing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (writing.IsFaulted)
        {
            // The link broke under the writer, which ended the reading: its error is the one to tell.
            await writing.ConfigureAwait(false);
        }
        finally
        {
            _replies.Writer.TryComplete();
            await _ending.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Counts and logs why the stream was ended, with the vehicle's name where it is known. Those that are to come back
    /// later are many at a time, and were counted at the door.
    /// </summary>
    public void NoteRefusal(IngestRefusal refusal, GatewayMeter meter)
    {
        if (refusal.Kind == IngestRefusalKind.Busy)
            return;
        meter.StreamsRefused.Add(1);
        IngestLog.StreamRefused(_logger, _session.Caller, refusal.Message);
    }

    public void Dispose() => _ending.Dispose();

    private async Task ReadAsync(
        Func<CancellationToken, ValueTask<UploadRequest?>> receive, CancellationToken cancellationToken)
    {
        IDisposable? place = null;
        IDisposable? visit = null;
        try
        {
            while (await receive(cancellationToken).ConfigureAwait(false) is { } request)
            {
                IngestAction action;
                lock (_sessionLock)
                    action = _session.Receive(request);
                if (action is IngestAction.Greet)
                    place = Admit(_session.VehicleId!);
                if (_session.VehicleId is { } vehicle)
                    _vehicles.Heard(vehicle);
                if (action is IngestAction.Greet greet)
                    visit = await GreetAsync(greet, cancellationToken).ConfigureAwait(false);
                else
                    await CarryOutAsync(action, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException failure)
        {
            throw new IngestRefusal(
                IngestRefusalKind.NotNow, "The gateway cannot use its index now; try again later.", failure);
        }
        finally
        {
            place?.Dispose();
            if (visit is not null)
            {
                visit.Dispose();
                IngestLog.Disconnected(_logger, _session.VehicleId!);
            }
        }
    }

    // Before anything is looked up for it.
    private IDisposable? Admit(string vehicle)
    {
        if (_admission is null)
            return null;
        if (_admission.TryEnter(vehicle, out TimeSpan retryAfter) is { } place)
            return place;
        throw new IngestRefusal(
            IngestRefusalKind.Busy, $"The gateway takes on no more at present: come back in {retryAfter.TotalSeconds:0.0} s.")
        {
            RetryAfter = retryAfter,
        };
    }

    private async ValueTask<IDisposable> GreetAsync(
        IngestAction.Greet greet, CancellationToken cancellationToken)
    {
        string vehicle = _session.VehicleId!;
        IngestLog.Connected(_logger, vehicle, _session.VehicleSoftware);
        await ReplyAsync(greet.Reply, cancellationToken).ConfigureAwait(false);

        // Entered before the index is read: a request that comes in between is told twice rather than not at
        // all.
        IDisposable visit = _vehicles.Enter(vehicle, Ask);
        try
        {
            IReadOnlyList<ChunkRef> wanted = await _index.ListWantedAsync(
                vehicle, RefsPerRequestMax * RepliesMax / 2, cancellationToken).ConfigureAwait(false);
            Ask(wanted);
            return visit;
        }
        catch
        {
            visit.Dispose();
            throw;
        }
    }

    private async ValueTask CarryOutAsync(IngestAction action, CancellationToken cancellationToken)
    {
        string vehicle = _session.VehicleId ?? "";
        switch (action)
        {
            case IngestAction.Define define:
                Defined defined = await PatientlyAsync(
                    () => _pipeline.DefineAsync(define.Message, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await ReplyAsync(new UploadReply { Defined = defined }, cancellationToken)
                    .ConfigureAwait(false);
                break;
            case IngestAction.Announce announce:
                Announced announced = await PatientlyAsync(
                    () => _pipeline.AnnounceAsync(vehicle, announce.Message, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await ReplyAsync(new UploadReply { Announced = announced }, cancellationToken)
                    .ConfigureAwait(false);
                break;
            case IngestAction.Stage part:
                StagedPart staged = await _pipeline.StageAsync(
                    vehicle, part.Key, part.Offset, part.Data, cancellationToken).ConfigureAwait(false);
                if (staged.Receipt is { } receipt)
                    await DeliverAsync(receipt, staged.IsWhole, cancellationToken).ConfigureAwait(false);
                break;
            case IngestAction.End end:
                Ended ended = await PatientlyAsync(
                    () => _pipeline.EndAsync(vehicle, end.Message, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await ReplyAsync(new UploadReply { Ended = ended }, cancellationToken).ConfigureAwait(false);
                break;
            case IngestAction.Ledger ledger:
                LedgerNoted noted = await PatientlyAsync(
                    () => _pipeline.NoteLedgerAsync(vehicle, ledger.Message, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await ReplyAsync(new UploadReply { LedgerNoted = noted }, cancellationToken).ConfigureAwait(false);
                break;
            case IngestAction.Refuse refuse:
                throw refuse.Why;
        }
    }

    // An index whose disk is full takes nothing for a while, and a chunk's parts have their RETRY_LATER. Nothing else has
    // such a word: its answer waits until there is room, and with it what the vehicle sends behind it.
    private async ValueTask<T> PatientlyAsync<T>(Func<ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        long begin = _time.GetTimestamp();
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (IOException failure) when (_time.GetElapsedTime(begin) < PatienceMax)
            {
                if (isFirst)
                    IngestLog.IndexRefuses(_logger, _session.VehicleId ?? "", failure);
            }

            await Task.Delay(AskAgainAfter, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A receipt that is there goes out at once, so that later parts of its chunk are known as stale.
    /// </summary>
    private ValueTask DeliverAsync(Task<Receipt> receipt, bool isWhole, CancellationToken cancellationToken)
    {
        if (receipt.IsCompletedSuccessfully)
            return SettleAsync(receipt, isWhole, cancellationToken);
        Interlocked.Increment(ref _receiptsAwaited);
        _ = DeliverLaterAsync(receipt, isWhole, cancellationToken);
        return ValueTask.CompletedTask;
    }

    // Not awaited by anybody but counted: DrainAsync waits for the count.
    private async Task DeliverLaterAsync(
        Task<Receipt> receipt, bool isWhole, CancellationToken cancellationToken)
    {
        try
        {
            await receipt.ConfigureAwait(false);
            await SettleAsync(receipt, isWhole, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ChannelClosedException)
        {
            // The link is gone; the vehicle learns from the next announcement that the chunk is stored.
        }
        finally
        {
            if (Interlocked.Decrement(ref _receiptsAwaited) == 0 && Volatile.Read(ref _readEnded))
                _drained.TrySetResult();
        }
    }

    private async ValueTask SettleAsync(
        Task<Receipt> receipt, bool isWhole, CancellationToken cancellationToken)
    {
        UploadReply reply;
        Receipt given = await receipt.ConfigureAwait(false);
        lock (_sessionLock)
            reply = _session.Settle(given, isWhole);
        await ReplyAsync(reply, cancellationToken).ConfigureAwait(false);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _readEnded, true);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _receiptsAwaited) > 0)
            await _drained.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // What does not fit is asked for when the vehicle connects the next time: it is marked in the index.
    private void Ask(IReadOnlyList<ChunkRef> chunks)
    {
        foreach (ChunkRef[] some in chunks.Chunk(RefsPerRequestMax))
        {
            ChunkRequest request = new();
            request.Refs.AddRange(some);
            if (!_replies.Writer.TryWrite(new UploadReply { Request = request }))
                return;
        }
    }

    private ValueTask ReplyAsync(UploadReply reply, CancellationToken cancellationToken) =>
        _replies.Writer.WriteAsync(reply, cancellationToken);

    private async Task WriteAsync(
        Func<UploadReply, CancellationToken, ValueTask> send, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (UploadReply reply in _replies.Reader.ReadAllAsync(cancellationToken)
                .ConfigureAwait(false))
                await send(reply, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
