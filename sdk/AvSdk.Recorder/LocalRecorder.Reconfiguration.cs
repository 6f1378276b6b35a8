using AvSdk.Contracts.V1;
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;

namespace AvSdk.Recording;

/// <summary>Other options at run time.</summary>
public sealed partial class LocalRecorder
{
    private readonly SemaphoreSlim _reconfiguring = new(1, 1);

    /// <summary>As <see cref="ReconfigureAsync(RecorderOptions, IUplink?, CancellationToken)"/>, over the same uplink.</summary>
    public Task<IReadOnlyList<OptionProblem>> ReconfigureAsync(
        RecorderOptions options, CancellationToken cancellationToken) =>
        ReconfigureAsync(options, null, cancellationToken);

    /// <summary>
    /// Goes on under other options, without losing a message or a chunk: lanes and all that is theirs, rules, the default
    /// lane, the free-space floor, the largest message, labels, upload. Options with problems change nothing.
    /// </summary>
    /// <remarks>
    /// A lane that is new begins; one that is gone is flushed, sealed and delivered under its old options. A channel goes
    /// where the rules now say, unless it was asked for with a lane that is there. One that moves has another channel
    /// id from then on, and nothing of it is written in the new lane before what came earlier is durable in the old one. What
    /// was accepted before the call has its old lane's contract, what is accepted after it the new one's.
    /// Labels are those of the recording and of segments begun from now on.
    /// </remarks>
    /// <param name="options">All options, not only those that change.</param>
    /// <param name="uplink">Another way to the gateway; null: as it is. The old one is used no more.</param>
    /// <param name="cancellationToken">Ends the waiting; what has begun comes to its end behind it.</param>
    /// <returns>Why it was refused, every problem; empty: the options are in force.</returns>
    /// <exception cref="RecorderException">The recorder is being stopped.</exception>
    public async Task<IReadOnlyList<OptionProblem>> ReconfigureAsync(
        RecorderOptions options, IUplink? uplink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        await _reconfiguring.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task change;
        try
        {
            List<OptionProblem> problems =
                [.. ReconfigurationCheck.Problems(Options, options, uplink, _uploader is not null)];
            if (ReconfigurationCheck.LanesProblem(
                _lanes.Select(static lane => lane.Options.Name), options.Lanes.Select(static lane => lane.Name)) is { } many)
            {
                problems.Add(many);
            }

            if (problems.Count > 0)
            {
                foreach (OptionProblem problem in problems)
                    SpoolLog.ReconfigurationRefused(_spoolContext.Log, problem.Key, problem.Value, problem.Remedy);
                _reconfiguring.Release();
                return problems;
            }

            change = ApplyAsync(options, uplink);
        }
        catch
        {
            _reconfiguring.Release();
            throw;
        }

        await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        return [];
    }

    private async Task ApplyAsync(RecorderOptions options, IUplink? uplink)
    {
        try
        {
            RecorderOptions before = Options;
            LaneChunker[] known = _lanes;
            Begin(options);
            _index.Reconfigure(options);
            if (!SameLabels(before.Labels, options.Labels))
                Relabel(options);
            await Task.WhenAll(known.Select(lane => ReconfigureAsync(lane, options))).ConfigureAwait(false);
            await MoveChannelsAsync().ConfigureAwait(false);
            // What is gone is sealed once nothing writes into it any more.
            await Task.WhenAll(known.Where(lane => !IsConfigured(lane, options))
                .Select(static lane => lane.Spool.SettleAsync(lane.Options))).ConfigureAwait(false);
            _uploader?.Reconfigure(options, uplink);
            Watch(options);
            SpoolLog.Reconfigured(_spoolContext.Log, options.Lanes.Count);
        }
        finally
        {
            _reconfiguring.Release();
        }
    }

    private void Watch(RecorderOptions options)
    {
        lock (_gate)
        {
            foreach (LocalChannel channel in _channels.Values)
                channel.Live = _live.Open(channel.Live, channel.Spec, options.Live);
        }
    }

    // From here on new channels go by the new options.
    private void Begin(RecorderOptions options)
    {
        lock (_gate)
        {
            if (_disposing is not null)
                throw new RecorderException("The recorder is being stopped: configure the next one.");
            List<LaneChunker> lanes = [.. _lanes];
            foreach (LaneOptions lane in options.Lanes)
            {
                if (lanes.Exists(known => known.Options.Name == lane.Name))
                    continue;
                // Its name may be that of a lane that an earlier recording had.
                _index.Reconfigure(_index.Lane(lane.Name), lane);
                _uploader?.Reorder(_index.Lane(lane.Name), lane);
                LaneChunker begun = NewLane(lane);
                begun.Spool.Start();
                lanes.Add(begun);
            }

            Volatile.Write(ref _lanes, [.. lanes]);
            Volatile.Write(ref _options, options);
        }
    }

    // What is open is closed, so that it is written under the options under which it was accepted.
    private async Task ReconfigureAsync(LaneChunker lane, RecorderOptions options)
    {
        if (options.Lanes.FirstOrDefault(other => other.Name == lane.Options.Name) is not { } changed)
            return;
        lane.Options = changed;
        lane.CloseAll(0);
        await lane.Spool.SettleAsync(changed).ConfigureAwait(false);
        _uploader?.Reorder(lane.Spool.Lane, changed);
    }

    // Lane by lane: only the one that channels move to waits, and never for itself.
    private async Task MoveChannelsAsync()
    {
        LocalChannel[] channels;
        lock (_gate)
            channels = [.. _channels.Values];
        foreach (LaneOptions target in Options.Lanes)
        {
            List<(LocalChannel Channel, ChannelRoute Route)> moves = [];
            lock (_gate)
            {
                foreach (LocalChannel channel in channels)
                {
                    (string lane, string? group) = ChannelChoice.ChooseAgain(Options, channel.Route.Asked);
                    if (lane != target.Name)
                        continue;
                    if (channel.Route.Lane.Options.Name != lane)
                        moves.Add((channel, NewRoute(channel.Route.Asked)));
                    else if (channel.Route.Group != group)
                        channel.MoveTo(channel.Route with { Group = group }, channel.Route.Lane.FirstGroup(group));
                }
            }

            if (moves.Count > 0)
                await MoveAsync(moves).ConfigureAwait(false);
        }
    }

    private static async Task MoveAsync(List<(LocalChannel Channel, ChannelRoute Route)> moves)
    {
        LaneChunker target = moves[0].Route.Lane;
        LaneChunker[] sources = [.. moves.Select(static move => move.Channel.Route.Lane).Distinct()];
        TaskCompletionSource earlier = new(TaskCreationOptions.RunContinuationsAsynchronously);
        target.Spool.HoldUntil(earlier.Task);
        try
        {
            foreach ((LocalChannel channel, ChannelRoute route) in moves)
                channel.MoveTo(route, target.FirstGroup(route.Group));
            await Task.WhenAll(sources.Select(static lane => lane.Spool.SettleAsync(null))).ConfigureAwait(false);
        }
        finally
        {
            earlier.SetResult();
        }

        // Who waits for room in the old lane asks the new one.
        foreach (LaneChunker source in sources)
            source.Spool.Quota.Space.Pulse();
    }

    // Under the gate.
    private ChannelRoute NewRoute(ChannelSpec asked)
    {
        bool isKnown = _channels.ContainsKey(asked.Topic);
        (string laneName, string? group) = isKnown
            ? ChannelChoice.ChooseAgain(Options, asked)
            : ChannelChoice.Choose(Options, asked);
        LaneChunker lane = Array.Find(_lanes, lane => lane.Options.Name == laneName)!;
        ChannelSpec chosen = asked with { Lane = laneName };
        ChannelDefinition definition = isKnown
            ? _recording.Definitions.FindOrAdd(chosen, laneName)
            : _recording.Definitions.Add(chosen, laneName);
        ushort id = (ushort)definition.ChannelId;
        return new ChannelRoute(asked, chosen, group, lane, id, _ledger.Add(id, asked.Topic, laneName));
    }

    private void Relabel(RecorderOptions options)
    {
        RecordingInfo info = _recording.Info.Clone();
        info.Labels.Clear();
        foreach ((string key, string value) in options.Labels)
            info.Labels.Add(key, value);
        _recording.Info = info;
        _recording.Definitions.Touch();
        _journal.Append(new JournalRecord.Started(info));
    }

    private LaneStatus[] LaneStatuses()
    {
        LaneChunker[] lanes = [.. ListedLanes()];
        LaneStatus[] statuses =
            Array.ConvertAll(lanes, lane => _index.Status(lane.Options.Name, lane.Spool.LastSequence));
        if (_uploader is null)
            return statuses;
        TimeSpan?[] times = _uploader.TimesToEmpty(
            Array.ConvertAll(lanes, static lane => lane.Options), Array.ConvertAll(statuses, static lane => lane.PendingBytes));
        for (int at = 0; at < lanes.Length; at++)
            statuses[at] = statuses[at] with { TimeToEmpty = times[at] };
        return statuses;
    }

    private IEnumerable<LaneChunker> ListedLanes()
    {
        RecorderOptions options = Options;
        LaneChunker[] lanes = Volatile.Read(ref _lanes);
        foreach (LaneOptions lane in options.Lanes)
        {
            if (Array.Find(lanes, known => known.Options.Name == lane.Name) is { } found)
                yield return found;
        }

        foreach (LaneChunker lane in lanes)
        {
            if (!IsConfigured(lane, options))
                yield return lane;
        }
    }

    private static bool IsConfigured(LaneChunker lane, RecorderOptions options) =>
        options.Lanes.Any(other => other.Name == lane.Options.Name);

    private static bool SameLabels(IReadOnlyDictionary<string, string> x, IReadOnlyDictionary<string, string> y) =>
        x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
