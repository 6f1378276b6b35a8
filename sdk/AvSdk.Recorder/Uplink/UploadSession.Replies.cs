using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>What the gateway says.</summary>
internal sealed partial class UploadSession
{
    private const uint PartBytesLeast = 4096;
    private const uint RetryMillisecondsMin = 100;

    /// <summary>Takes a reply; what it means for the spool is added to <paramref name="outcomes"/>.</summary>
    /// <exception cref="UplinkException">The reply fits nothing that was asked.</exception>
    public void OnReply(UploadReply reply, TimeSpan now, List<UploadOutcome> outcomes)
    {
        switch (reply.KindCase)
        {
            case UploadReply.KindOneofCase.Opened:
                OnOpened(reply.Opened);
                break;
            case UploadReply.KindOneofCase.Defined:
                OnDefined(reply.Defined);
                break;
            case UploadReply.KindOneofCase.Announced:
                OnAnnounced(reply.Announced, outcomes);
                break;
            case UploadReply.KindOneofCase.Receipt:
                OnReceipt(reply.Receipt, now, outcomes);
                break;
            case UploadReply.KindOneofCase.Request:
                foreach (ChunkRef chunk in reply.Request.Refs)
                    outcomes.Add(new UploadOutcome.Requested(chunk));
                break;
            case UploadReply.KindOneofCase.Ended:
                OnEnded(reply.Ended, outcomes);
                break;
            case UploadReply.KindOneofCase.LedgerNoted:
                OnLedgerNoted(reply.LedgerNoted, outcomes);
                break;
            default:
                // A later version of the gateway; what it adds must be safe to pass over.
                break;
        }
    }

    private void OnOpened(Opened opened)
    {
        if (!_openSent || _opened is not null)
            throw Unexpected("Opened, which answers nothing");
        if (opened.PartBytesMax is > 0 and < PartBytesLeast)
        {
            throw Unexpected(
                $"Opened with parts of at most {opened.PartBytesMax} bytes; at least {PartBytesLeast} are agreed");
        }

        _opened = opened;
    }

    private void OnDefined(Defined defined)
    {
        if (!_defining.TryDequeue(out SpoolRecording? recording))
            throw Unexpected("Defined, which answers nothing");
        if (defined.RecordingId.Length > 0 && defined.RecordingId != recording.Info.RecordingId)
            throw Unexpected("Defined of another recording than was defined");
        DefinedState state = _defined[recording];
        state.IsKnown = true;
        // What has no data cannot be sent any more whole than it was.
        state.Missing = defined.MissingSchemaSha256.Count == 0
            ? NoSchemas
            : defined.MissingSchemaSha256.Where(recording.Definitions.HasData).ToHashSet();
    }

    private void OnAnnounced(Announced announced, List<UploadOutcome> outcomes)
    {
        if (!_announcing.TryDequeue(out IReadOnlyList<SpoolChunk>? batch))
            throw Unexpected("Announced, which answers nothing");
        if (batch.Count != announced.States.Count)
            throw Unexpected($"Announced with {announced.States.Count} states for {batch.Count} headers");
        for (int at = 0; at < batch.Count; at++)
        {
            SpoolChunk chunk = batch[at];
            ChunkState state = announced.States[at];
            // An answer that came twice would say of this batch what was true of another, and lose it.
            if (state.Ref is not null && !state.Ref.Equals(RefOf(chunk)))
                throw Unexpected($"Announced of {state.Ref.Lane}/{state.Ref.Sequence} where {chunk} was asked for");
            chunk.IsAnnounced = true;
            if (!_flights.TryGetValue(chunk, out Flight? flight))
                continue;
            switch (state.Kind)
            {
                case ChunkState.Types.Kind.Stored:
                    outcomes.Add(new UploadOutcome.Delivered(RefOf(chunk)));
                    Land(chunk);
                    break;
                case ChunkState.Types.Kind.Rejected:
                    outcomes.Add(new UploadOutcome.Rejected(RefOf(chunk), state.Reason));
                    Land(chunk);
                    break;
                default:
                    flight.State = FlightState.Sending;
                    flight.Offset = ResumeOffset(chunk, state);
                    break;
            }
        }

        KeepNearest(batch);
    }

    // A backlog may have 100,000 chunks: of those that are far from their turn nothing is kept; they are
    // asked about again when it comes.
    private void KeepNearest(IReadOnlyList<SpoolChunk> batch)
    {
        HashSet<SpoolChunk> nearest = [];
        queue.Walk(Scope, chunk => nearest.Add(chunk) && nearest.Count < Lookahead);
        // Where newer ones go first, what was next moves away from its turn.
        IEnumerable<SpoolChunk> known = _flights.Count - _complete > KnownMax ? _flights.Keys : batch;
        foreach (SpoolChunk chunk in known)
        {
            if (nearest.Contains(chunk) || !_flights.TryGetValue(chunk, out Flight? flight) || flight.SentBytes > 0
                || flight.State == FlightState.Announced)
            {
                continue;
            }

            _flights.Remove(chunk);
            _byRef.Remove(RefOf(chunk));
        }
    }

    // All of it held, and no receipt: it goes again, so that the gateway has something to answer.
    private static long ResumeOffset(SpoolChunk chunk, ChunkState state) =>
        state.Kind == ChunkState.Types.Kind.Partial && state.HeldBytes < (ulong)chunk.BodyBytes
            ? (long)state.HeldBytes
            : 0;

    private void OnReceipt(Receipt receipt, TimeSpan now, List<UploadOutcome> outcomes)
    {
        if (receipt.Ref is null)
            throw Unexpected("a Receipt of nothing");
        _byRef.TryGetValue(receipt.Ref, out SpoolChunk? chunk);
        switch (receipt.Outcome)
        {
            case Receipt.Types.Outcome.Stored or Receipt.Types.Outcome.AlreadyStored:
                outcomes.Add(new UploadOutcome.Delivered(receipt.Ref));
                break;
            case Receipt.Types.Outcome.Rejected:
                outcomes.Add(new UploadOutcome.Rejected(receipt.Ref, receipt.Reason));
                break;
            default:
                outcomes.Add(new UploadOutcome.NotNow(receipt.Ref));
                Delay(chunk, now + TimeSpan.FromMilliseconds(Math.Max(receipt.RetryAfterMs, RetryMillisecondsMin)));
                return;
        }

        if (chunk is null)
            return;
        _byRef.Remove(receipt.Ref);
        Land(chunk);
    }

    private void Delay(SpoolChunk? chunk, TimeSpan until)
    {
        if (chunk is null || !_flights.ContainsKey(chunk))
            return;
        Land(chunk);
        _delayed[chunk] = until;
        _delayedUntil = until < _delayedUntil ? until : _delayedUntil;
    }

    private void OnEnded(Ended ended, List<UploadOutcome> outcomes)
    {
        SpoolRecording? recording = _ending.FirstOrDefault(ending => ending.Info.RecordingId == ended.RecordingId);
        if (recording is null)
            throw Unexpected("Ended of a recording whose end was not told");
        _endsOwed--;
        outcomes.Add(new UploadOutcome.EndTold(recording));
    }

    private void OnLedgerNoted(LedgerNoted noted, List<UploadOutcome> outcomes)
    {
        if (_ledgerOwed is not { } recording || recording.Info.RecordingId != noted.RecordingId)
            throw Unexpected("LedgerNoted of a recording whose ledger was not told");
        _ledgerOwed = null;
        outcomes.Add(new UploadOutcome.LedgerNoted(recording, noted));
    }

    private static ChunkRef RefOf(SpoolChunk chunk) => new()
    {
        RecordingId = chunk.Segment.Recording.Info.RecordingId,
        Lane = chunk.Segment.Lane.Name,
        Sequence = chunk.Sequence,
    };

    private static UplinkException Unexpected(string what) =>
        new($"The gateway sent {what}: it is of another version, or something between changes messages.");
}
