// What the ledger of an earlier recording is told by the run that found it:
//
//   ends that the journal has and the ledger has not      as they are; counts where the chunk is still there
//   sequences that neither knows and the spool lacks      damaged, "not_found"
//   drops by the journal's end of the recording           what the ledger's drops are short of, without a time
//   no end of the recording in the ledger                 the journal's; else a gap, "killed", and an end not in order
//   no ledger                                             one that says that it was begun afterwards
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording.Ledger;

/// <summary>Brings the ledger of an earlier recording up to what the spool and its journal tell.</summary>
internal sealed class LedgerRecovery(
    SpoolLedger ledger, SpoolRecording recording, JournalState.RecordingState? known, RecoveredEnd end)
{
    /// <summary>Chunks that were found may have been told in a stretch before.</summary>
    public bool IsAlone => ledger.WasFound;

    /// <summary>How a chunk ended by the ledger.</summary>
    public ChunkEnd EndOf(string lane, ulong sequence) => ledger.EndOf(lane, sequence);

    /// <summary>A chunk that is in the spool and has ended.</summary>
    public void NoteEnded(string lane, ulong sequence, ChunkEnd ended, string reason, ChunkHeader header) =>
        ledger.NoteEnd(lane, sequence, ended, ReasonOf(ended, reason), header, IsAlone);

    /// <summary>Everything else, once all segments were read.</summary>
    /// <param name="recordingEnd">As it will be told; gets the losses that the ledger knows, if it was killed.</param>
    /// <param name="allWereRead">False: some could not, and their chunks may be found by the next run.</param>
    public void Finish(RecordingEnd recordingEnd, bool allWereRead)
    {
        ledger.Note(NameChannels);
        foreach (((string lane, ChunkEnd ended, string reason), SequenceRanges ranges) in known?.Chunks ?? [])
        {
            foreach ((ulong first, ulong last) in ranges.Ranges)
                ledger.NoteEnds(lane, first, last, ended, ReasonOf(ended, reason));
        }

        if (allWereRead)
            NoteHoles(recordingEnd);
        ledger.Note((tally, state) => NoteLosses(tally, state, recordingEnd));
        ledger.Note((tally, state) => NoteEnd(tally, state, recordingEnd));
    }

    private static string ReasonOf(ChunkEnd ended, string reason) =>
        ended == ChunkEnd.Delivered || reason.Length > 0 ? reason : EndReasons.Unknown;

    private void NameChannels(LedgerTally tally, LedgerState state)
    {
        if (state.Chain.Part == 0)
        {
            tally.Began = new LedgerBegan
            {
                Recording = recording.Info,
                Part = ledger.WasDamaged ? 2U : 1U,
                Reason = ledger.WasDamaged ? SpoolLedger.RestartedDamaged : "",
                Afterwards = true,
            };
        }

        foreach (ChannelDefinition channel in recording.Definitions.Channels)
        {
            if (!state.Channels.ContainsKey(channel.ChannelId))
            {
                tally.AddChannel(new LedgerChannel
                {
                    ChannelId = channel.ChannelId,
                    Topic = channel.Topic,
                    Lane = channel.Lane,
                });
            }
        }
    }

    private void NoteHoles(RecordingEnd recordingEnd)
    {
        foreach (LaneEnd lane in recordingEnd.Lanes)
        {
            ulong next = 1;
            foreach ((ulong first, ulong last) in end.Found.GetValueOrDefault(lane.Lane)?.Ranges ?? [])
            {
                if (first > next)
                    ledger.NoteEnds(lane.Lane, next, first - 1, ChunkEnd.Damaged, EndReasons.NotFound);
                next = last + 1;
            }

            if (next <= lane.LastSequence)
                ledger.NoteEnds(lane.Lane, next, lane.LastSequence, ChunkEnd.Damaged, EndReasons.NotFound);
        }
    }

    private void NoteLosses(LedgerTally tally, LedgerState state, RecordingEnd recordingEnd)
    {
        Dictionary<string, uint> ids = new(StringComparer.Ordinal);
        foreach (LedgerChannel channel in state.Channels.Values)
            ids[channel.Topic] = channel.ChannelId;
        foreach (ChannelDefinition channel in recording.Definitions.Channels)
            ids[channel.Topic] = channel.ChannelId;
        IEnumerable<TopicLoss> losses = known?.End?.Losses ?? [];
        foreach (IGrouping<(string Topic, string Reason), TopicLoss> loss in losses
            .GroupBy(static loss => (loss.Topic, loss.Reason)))
        {
            string topic = loss.Key.Topic;
            if (!ids.TryGetValue(topic, out uint channelId))
            {
                // Every message of the topic was dropped: no segment defines its channel.
                channelId = ids.Count == 0 ? 1 : ids.Values.Max() + 1;
                ids.Add(topic, channelId);
                tally.AddChannel(new LedgerChannel { ChannelId = channelId, Topic = topic });
            }

            // A topic may have had channels in several lanes.
            ulong told = 0;
            foreach (((uint id, string reason), ulong count) in state.Drops)
            {
                if (reason == loss.Key.Reason && state.Channels.GetValueOrDefault(id)?.Topic == topic)
                    told += count;
            }

            ulong messages = loss.Aggregate(0UL, static (sum, each) => sum + each.Messages);
            if (messages > told)
                tally.AddDrop(channelId, loss.Key.Reason, new DropTally(messages - told, 0, 0));
        }

        if (known?.End is not null)
            return;
        foreach (((uint channelId, string reason), ulong messages) in state.Drops)
        {
            string topic = state.Channels.GetValueOrDefault(channelId)?.Topic ?? $"channel {channelId}";
            recordingEnd.Losses.Add(new TopicLoss { Topic = topic, Messages = messages, Reason = reason });
        }
    }

    private void NoteEnd(LedgerTally tally, LedgerState state, RecordingEnd recordingEnd)
    {
        if (state.IsEnded)
            return;
        LedgerEnded ended = new() { EndedAt = recordingEnd.EndedAt, Orderly = recordingEnd.Orderly };
        LedgerGap gap = new() { Reason = LedgerWords.Killed };
        foreach (LaneEnd lane in recordingEnd.Lanes)
        {
            ChunkHeader? header = end.LastHeaders.GetValueOrDefault(lane.Lane);
            ByteString sha256 = header?.Ref.Sequence == lane.LastSequence ? header.Sha256 : ByteString.Empty;
            ended.Lanes.Add(new LedgerLaneEnd
            {
                Lane = lane.Lane,
                LastSequence = lane.LastSequence,
                Sha256 = sha256,
            });
            gap.Lanes.Add(new LedgerLaneGap
            {
                Lane = lane.Lane,
                LastSequence = lane.LastSequence,
                LastLogTime = Math.Max(
                    header?.LastLogTime ?? 0, state.Lanes.GetValueOrDefault(lane.Lane).LogTime),
            });
        }

        foreach (string lane in state.Channels.Values.Select(static channel => channel.Lane).Distinct())
        {
            if (recordingEnd.Lanes.All(told => told.Lane != lane))
                gap.Lanes.Add(new LedgerLaneGap { Lane = lane });
        }

        tally.Ended = ended;
        if (!recordingEnd.Orderly)
            tally.Gap = gap;
    }
}
