using System.Diagnostics;
using AvSdk.Contracts;
using Microsoft.Extensions.Logging;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// One reading: plans it, fetches its chunks, merges them, and goes on where it stands when the connection is
/// lost.
/// </summary>
/// <remarks>
/// Invariant: (as_of, log time, messages given at that log time) names a place between two messages, because
/// as_of pins the chunks and the merge's order depends on nothing but them. So going on means: read from that
/// log time, leave so many messages of it out. One caller at a time.
/// </remarks>
internal sealed class MessageReader(IQueryTransport transport, AvClientOptions options, ReadingSpec spec)
    : IAsyncDisposable
{
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger<AvClient>();
    private readonly ChunkMerge _merge = new();
    private readonly Activity? _activity = AvSdkTelemetry.Source.StartActivity("avsdk.query.read");
    private ChunkFeed? _feed;
    private LoadedChunk? _next;
    private bool _atEnd;
    private ReadingIdentity? _identity;
    private ulong _logTime = spec.Position?.LogTime ?? 0;
    private ulong _countAtLogTime = spec.Position?.CountAtLogTime ?? 0;
    private ulong _leaveOut = spec.Position?.CountAtLogTime ?? 0;
    private ulong _messages;
    private int _attempts;

    /// <summary>The next message, if the chunks at hand suffice to know it.</summary>
    public bool TryRead(out MergedMessage message)
    {
        while ((_next is not null || _atEnd)
            && _merge.TryNext(_next?.FirstLogTime, out LoadedChunk? chunk, out MessageSlot slot))
        {
            if (_leaveOut > 0 && slot.LogTime == _logTime)
            {
                _leaveOut--;
                continue;
            }

            _leaveOut = 0;
            _countAtLogTime = slot.LogTime == _logTime ? _countAtLogTime + 1 : 1;
            _logTime = slot.LogTime;
            _messages++;
            _attempts = 0;
            message = new MergedMessage(
                slot, chunk!.ChannelOf(slot), chunk.Origin, chunk.PayloadOf(slot), _identity!,
                _countAtLogTime);
            return true;
        }

        message = default;
        return false;
    }

    /// <summary>Waits until <see cref="TryRead"/> may know more; false at the end of the reading.</summary>
    /// <exception cref="AvQueryException">The reading cannot go on.</exception>
    public async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        if (_atEnd)
            return false;
        while (true)
        {
            try
            {
                await FetchAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (AvQueryException exception) when (exception.Error == AvQueryError.GatewayUnavailable)
            {
                if (_attempts >= options.RetryAttempts || !options.MayRetry(exception))
                    throw GivenUp(exception);
                _attempts++;
                TimeSpan delay = options.DelayBefore(_attempts, exception);
                QueryLog.ReadingLost(_logger, transport.Address, delay, exception.Message);
                await RestartAsync().ConfigureAwait(false);
                await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RestartAsync().ConfigureAwait(false);
        AvSdkTelemetry.QueryMessages.Add((long)_messages);
        _activity?.SetTag("avsdk.messages", _messages);
        _activity?.Dispose();
    }

    private async ValueTask FetchAsync(CancellationToken cancellationToken)
    {
        if (_next is { } known)
        {
            _next = null;
            _merge.Add(known);
            CheckMemory();
        }

        _feed ??= await OpenFeedAsync(cancellationToken).ConfigureAwait(false);
        _next = await _feed.NextAsync(cancellationToken).ConfigureAwait(false);
        _identity ??= new ReadingIdentity(_feed.Assembler.AsOf, spec.Fingerprint);
        _atEnd = _next is null;
    }

    private async ValueTask<ChunkFeed> OpenFeedAsync(CancellationToken cancellationToken)
    {
        if (_identity is null)
        {
            ulong asOf = spec.Position is { } position
                ? position.AsOf
                : await PlanAsync(cancellationToken).ConfigureAwait(false);
            _identity = new ReadingIdentity(asOf, spec.Fingerprint);
        }

        V1.Selection selection = spec.Selection.Clone();
        selection.AsOf = _identity.AsOf;
        if (_logTime > (selection.HasStart ? selection.Start : 0))
            selection.Start = _logTime;
        _leaveOut = _countAtLogTime;
        ChunkAssembler assembler = new(spec, selection, options, _logger);
        return new ChunkFeed(transport, selection, assembler, options.PrefetchChunks);
    }

    // Says at once, and by name, what would otherwise be an empty answer.
    private async ValueTask<ulong> PlanAsync(CancellationToken cancellationToken)
    {
        V1.QueryPlan plan = await transport.PlanAsync(spec.Selection, cancellationToken)
            .ConfigureAwait(false);
        string[] unknown = [.. plan.UnmatchedTopics.Where(topic =>
            !TopicGlob.IsGlob(topic) || plan.UnmatchedTopics.Count == spec.Selection.Topics.Count)];
        if (unknown.Length > 0)
            throw UnknownTopics(unknown, plan.KnownTopics);
        foreach (V1.TopicSummary topic in plan.Topics.Where(topic => spec.Selects(topic.Topic)))
            spec.CheckType(topic.Topic, topic.MessageEncoding, topic.SchemaName);
        return plan.AsOf;
    }

    private static AvQueryException UnknownTopics(string[] unknown, IEnumerable<string> known)
    {
        string[] there = [.. known];
        string remedy = there.Length == 0
            ? "There are no topics at all: nothing of the selected vehicles and recordings has arrived yet, "
                + "or their names are wrong; Catalogue.VehiclesAsync lists them."
            : $"Did you mean {there[0]}? There are: {string.Join(", ", there)}.";
        return new AvQueryException(AvQueryError.UnknownTopic,
            $"No selected recording has {string.Join(", ", unknown)}. {remedy}");
    }

    private void CheckMemory()
    {
        if (_merge.MemoryBytes <= options.MemoryBytesMax)
            return;
        throw new AvQueryException(AvQueryError.OverLimit,
            $"{_merge.Count} chunks overlap at log time {_logTime} ns and take {_merge.MemoryBytes} bytes; "
            + $"the limit AvClientOptions.MemoryBytesMax is {options.MemoryBytesMax}. Raise it, or read fewer topics "
            + "or vehicles at a time.")
        {
            Position = _identity?.PositionAfter(_logTime, _countAtLogTime),
        };
    }

    private AvQueryException GivenUp(AvQueryException cause) => new(AvQueryError.GatewayUnavailable,
        $"{cause.Message} Tried {_attempts + 1} times since the last message; {_messages} messages had been "
        + "read. AvQuery.After(exception.Position) goes on there.",
        cause)
    {
        Position = _identity?.PositionAfter(_logTime, _countAtLogTime),
    };

    private async ValueTask RestartAsync()
    {
        if (_feed is { } feed)
        {
            _feed = null;
            await feed.DisposeAsync().ConfigureAwait(false);
        }

        _next?.Dispose();
        _next = null;
        _merge.Clear();
    }
}
