using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording;

/// <summary>Starting, stopping, and what is noted as chunks go their way.</summary>
public sealed partial class LocalRecorder
{
    private readonly SpaceSignal _pendingChanged = new();

    private void Start()
    {
        foreach (LaneChunker lane in _lanes)
            lane.Spool.Start();
        _recovering = Task.Run(() => _recovery.RunAsync(_stopping.Token));
        _uploader?.Start(_recovering);
        _tick = _ports.Time.CreateTimer(
            static recorder => ((LocalRecorder)recorder!).Tick(), this, TickPeriod, TickPeriod);
    }

    private void Tick()
    {
        LookForDisk();
        foreach (LaneChunker lane in _lanes)
            lane.Spool.Tick();
        _index.Tick();
        _pool.Trim();
        _ledgers.Write(LedgerDue.Tick);
    }

    private void LookForDisk()
    {
        if (_files is not ReturningSpoolFiles folder)
            return;
        IOException? why = folder.WhyAway;
        if (why is not null)
            _spoolContext.NoteError(why);
        if (!_spoolContext.Disk.SetAway(why is not null, _ports.Time.GetUtcNow()))
            return;
        if (why is not null)
            SpoolLog.FolderAway(_spoolContext.Log, folder.Name, why);
        else
            SpoolLog.FolderBack(_spoolContext.Log, folder.Name);
    }

    private async Task StopAsync()
    {
        // Not under the caller's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (LaneChunker lane in _lanes)
            lane.Stop();
        await _live.DisposeAsync().ConfigureAwait(false);
        await _compressor.DisposeAsync().ConfigureAwait(false);
        foreach (LaneChunker lane in _lanes)
            lane.Spool.Stop();
        foreach (LaneChunker lane in _lanes)
            await lane.Spool.DisposeAsync().ConfigureAwait(false);
        _memory.Space.Pulse();
        foreach (LaneChunker lane in _lanes)
            lane.Spool.Quota.Space.Pulse();
        if (_tick is not null)
            await _tick.DisposeAsync().ConfigureAwait(false);
        if (_windowTimer is not null)
            await _windowTimer.DisposeAsync().ConfigureAwait(false);
        RecordingEnd end = ToEnd();
        _index.SetEnd(_recording, end);
        _journal.TryFlush();
        _ownLedger.Note((tally, _) => tally.Ended = ToLedgerEnd(end));
        _ledgers.Write(LedgerDue.All);
        if (_uploader is not null)
            await _uploader.StopAsync(Options.Upload.DrainTimeout).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _recovering.ConfigureAwait(false);
        _hasStopped = true;
        _pendingChanged.Pulse();
        _ledgers.Write(LedgerDue.All);
        _ledgers.Dispose();
        _meters.Dispose();
        _index.Dispose();
        _journal.Dispose();
        if (_ports.Files is null)
            _files.Dispose();
        _stopping.Dispose();
    }

    // A clock that was set back and a poor source of chance must not give a name twice.
    private Guid NewRecordingId()
    {
        while (true)
        {
            Guid id = RecordingIds.Create(_startedAt, _ports.Random);
            if (!_journal.Read(state => state.Recordings.ContainsKey(id)))
                return id;
        }
    }

    private LaneChunker NewLane(LaneOptions options)
    {
        LaneSpool spool = new(_spoolContext, _recording, _index.Lane(options.Name));
        return new LaneChunker(options, _ports.Time, _memory, _pool, _compressor, spool);
    }

    private void OnChunkSpooled(SpoolLane lane, ClosedChunk chunk)
    {
        _meters.SpooledBytes.Add(chunk.Size.BodyBytes, new KeyValuePair<string, object?>("avsdk.lane", lane.Name));
        _meters.SpooledChunks.Add(1, new KeyValuePair<string, object?>("avsdk.lane", lane.Name));
        _ownLedger.AddSpooled(chunk.Size.BodyBytes);
        foreach (SourcePosition position in chunk.Positions)
        {
            if (!RecordingIds.TryRead(position.SourceId, out Guid id))
                continue;
            RecordingSource? source;
            lock (_gate)
                source = _sources.GetValueOrDefault(id);
            source?.Advance(position.Topic, position.Messages);
        }
    }

    private long OnChunkLost(ClosedChunk chunk, string reason)
    {
        long messages = 0;
        foreach (ChunkChannelCount count in chunk.Channels)
        {
            messages += count.Messages;
            _ledger.Find(count.ChannelId)?.DropAccepted(
                (ulong)count.Messages, reason, chunk.FirstLogTime, chunk.LastLogTime);
        }

        return messages;
    }

    private void OnChunkAdded(SpoolChunk chunk) => _uploader?.Add(chunk);

    private void OnChunksMarked(IReadOnlyList<SpoolChunk> chunks) => _uploader?.Urge(chunks);

    private void OnChunkEnded(SpoolChunk chunk)
    {
        _meters.EndedChunks.Add(
            1, new KeyValuePair<string, object?>("avsdk.lane", chunk.Segment.Lane.Name),
            new KeyValuePair<string, object?>("avsdk.outcome", OutcomeName(chunk.End)));
        _pendingChanged.Pulse();
    }

    private void OnChunkCounted(SpoolChunk chunk, ChunkHeader header)
    {
        if (chunk.Segment.Recording != _recording)
            return;
        foreach (ChunkChannel channel in header.Channels)
            _ledger.Find(channel.ChannelId)?.End(chunk.End, chunk.EndReason, channel.Messages, header);
    }

    private static string OutcomeName(ChunkEnd end) => end switch
    {
        ChunkEnd.Delivered => "delivered",
        ChunkEnd.Evicted => "evicted",
        _ => "damaged",
    };

    private RecordingInfo ToInfo()
    {
        RecordingInfo info = new()
        {
            RecordingId = RecordingIds.ToBytes(RecordingId),
            VehicleId = Options.VehicleId,
            StartedAt = Nanoseconds(_startedAt),
            Recorder = Options.Software,
        };
        foreach ((string key, string value) in Options.Labels)
            info.Labels.Add(key, value);
        return info;
    }

    private RecordingEnd ToEnd()
    {
        RecordingEnd end = new()
        {
            RecordingId = RecordingIds.ToBytes(RecordingId),
            EndedAt = Nanoseconds(_ports.Time.GetUtcNow()),
            Orderly = true,
        };
        foreach (LaneChunker lane in _lanes)
            end.Lanes.Add(new LaneEnd { Lane = lane.Options.Name, LastSequence = lane.Spool.LastSequence });
        end.Losses.AddRange(_ledger.Losses());
        return end;
    }

    private LedgerEnded ToLedgerEnd(RecordingEnd end)
    {
        LedgerEnded ended = new() { EndedAt = end.EndedAt, Orderly = end.Orderly };
        foreach (LaneChunker lane in _lanes)
        {
            ended.Lanes.Add(new LedgerLaneEnd
            {
                Lane = lane.Options.Name,
                LastSequence = lane.Spool.LastSequence,
                Sha256 = lane.Spool.LastSequence == 0 ? ByteString.Empty : lane.Spool.LastSha256,
            });
        }

        ended.Accepted.AddRange(_ledger.Accepted());
        return ended;
    }

    private static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;
}
