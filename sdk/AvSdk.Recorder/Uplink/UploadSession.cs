// One upload session, from Open to the end of the link: a state machine over the messages of
// av/v1/ingest.proto and a clock that is passed in. It touches no network, disk or timer: UploadPump does.
//
//   Open, Opened         once; before Opened nothing else is sent
//   Define, Defined      before the first chunk of a recording, and again when the recording has more
//                        channels or the gateway misses schemas
//   Announce, Announced  headers first: those that are next to go, since only the reply says from where, and every chunk
//                        that no gateway was told of, in batches; two without a reply, and one more for what is next
//   Part                 of the most urgent chunk whose state is known: one more urgent overtakes within one
//   Receipt              ends a chunk; RETRY_LATER makes it wait and begin again at offset 0
//   End, Ended           when every chunk of the recording was announced
//   TellLedger,          to gateways that take it, after what is to be announced: asked first how far it is told,
//   LedgerNoted          then page by page; one without a reply
//
// Window    Parts without a receipt stay below unacknowledged_bytes_max. If all of them are of chunks that
//           are not complete, no receipt can come and the most urgent goes on: a chunk larger than the
//           window, or several that were overtaken, cannot lock the session up.
// Lost      With the session all of this is forgotten; the chunks are in the queue, the next asks anew.
using AvSdk.Contracts.V1;
using AvSdk.Recording.Links;
using AvSdk.Recording.Spool;
using Google.Protobuf;

namespace AvSdk.Recording.Uplink;

/// <summary>The state of one upload session. One thread at a time.</summary>
internal sealed partial class UploadSession(
    UploadQueue queue, UploadOptions options, SpoolRecording current, Func<IReadOnlyList<SpoolRecording>> endsToTell,
    Func<IReadOnlyList<SpoolRecording>>? ledgersToTell = null, LinkMeter? meter = null)
{
    private const int AnnouncesMax = 2;
    private const int Lookahead = 32;
    private const int KnownMax = 4 * Lookahead;
    private static readonly IReadOnlySet<ByteString> NoSchemas = new HashSet<ByteString>();

    private readonly Dictionary<SpoolRecording, DefinedState> _defined = [];
    private readonly Queue<SpoolRecording> _defining = new();
    private readonly Queue<IReadOnlyList<SpoolChunk>> _announcing = new();
    private readonly Dictionary<SpoolChunk, Flight> _flights = [];
    private readonly Dictionary<ChunkRef, SpoolChunk> _byRef = [];
    private readonly HashSet<SpoolRecording> _ending = [];
    // Chunks whose header could not be read, and when to try again.
    private readonly Dictionary<SpoolChunk, TimeSpan> _unread = [];
    // Chunks that are out of the queue until their time comes, and the earliest of these.
    private readonly Dictionary<SpoolChunk, TimeSpan> _delayed = [];
    private TimeSpan _delayedUntil = TimeSpan.MaxValue;
    private bool _openSent;
    private Opened? _opened;
    private long _unacknowledgedBytes;
    private int _complete;
    private int _endsOwed;
    private SpoolRecording? _ledgerOwed;

    /// <summary>The gateway answered Open.</summary>
    public bool IsOpen => _opened is not null;

    /// <summary>The gateway owes an answer.</summary>
    public bool IsOwed =>
        (_openSent && _opened is null) || _defining.Count > 0 || _announcing.Count > 0 || _complete > 0
        || _endsOwed > 0 || _ledgerOwed is not null;

    /// <summary>What to do next; <paramref name="now"/> is the time since any fixed moment.</summary>
    public UploadStep Next(TimeSpan now)
    {
        if (!_openSent)
        {
            _openSent = true;
            return new UploadStep.Open();
        }

        if (_opened is null)
            return new UploadStep.Wait(null);
        DropEnded();
        ReadAgain(now);
        EndDelays(now);
        if (meter?.Delay is { } pause && pause > TimeSpan.Zero)
            return new UploadStep.Wait(pause);
        // An end may find that its recording is to be defined first.
        return NextDefine() ?? NextAnnounce() ?? NextEnd() ?? NextLedger() ?? NextDefine() ?? NextPart(now);
    }

    /// <summary>The definitions of this version were sent.</summary>
    public void DefineSent(SpoolRecording recording, int version)
    {
        DefinedState state = _defined[recording];
        state.SentVersion = version;
        state.Missing = NoSchemas;
        _defining.Enqueue(recording);
    }

    /// <summary>The headers were sent, of these chunks; a chunk that could not be read is not among them.</summary>
    public void AnnounceSent(IReadOnlyList<(SpoolChunk Chunk, ChunkRef Ref)> sent)
    {
        foreach ((SpoolChunk chunk, ChunkRef name) in sent)
        {
            _flights[chunk] = new Flight();
            _byRef[name] = chunk;
        }

        if (sent.Count > 0)
            _announcing.Enqueue([.. sent.Select(static entry => entry.Chunk)]);
    }

    /// <summary>Entries of a ledger, or the question how far it is told, were sent.</summary>
    public void LedgerSent(SpoolRecording recording) => _ledgerOwed = recording;

    /// <summary>A part was sent.</summary>
    public void PartSent(UploadStep.Part part)
    {
        if (!_flights.TryGetValue(part.Chunk, out Flight? flight))
            return;
        flight.Offset = part.Offset + part.Bytes;
        flight.SentBytes += part.Bytes;
        queue.Charge(part.Chunk, part.Bytes);
        _unacknowledgedBytes += part.Bytes;
        if (flight.Offset < part.Chunk.BodyBytes)
            return;
        flight.State = FlightState.Complete;
        _complete++;
        queue.Remove(part.Chunk);
    }

    /// <summary>A chunk cannot be sent, it is nothing to this session any more.</summary>
    public void Drop(SpoolChunk chunk)
    {
        _unread.Remove(chunk);
        _delayed.Remove(chunk);
        Land(chunk);
    }

    /// <summary>A chunk cannot be read now: others go before it.</summary>
    public void Postpone(SpoolChunk chunk, TimeSpan until)
    {
        if (_flights.ContainsKey(chunk))
            Delay(chunk, until);
        else
            _unread[chunk] = until;
    }

    /// <summary>The link is gone: every chunk goes back to the queue.</summary>
    public void Lose()
    {
        foreach (IReadOnlyList<SpoolChunk> batch in _announcing)
            queue.ReturnUnannounced(batch);
        foreach (SpoolChunk chunk in _flights.Keys)
            queue.Return(chunk);
        foreach (SpoolChunk chunk in _delayed.Keys)
            queue.Return(chunk);
        _flights.Clear();
        _delayed.Clear();
        queue.ReturnUnannounced(_unread.Keys);
        _unread.Clear();
    }

    // The recording that goes on is told at once, so that the gateway knows the vehicle records; others when
    // there is something to say of them.
    private UploadStep? NextDefine()
    {
        UploadStep? step = NextDefine(current);
        if (step is not null)
            return step;
        foreach (SpoolRecording recording in _defined.Keys)
        {
            step = NextDefine(recording);
            if (step is not null)
                return step;
        }

        return null;
    }

    private UploadStep.Define? NextDefine(SpoolRecording recording)
    {
        if (!_defined.TryGetValue(recording, out DefinedState? state))
            _defined.Add(recording, state = new DefinedState());
        return state.SentVersion != recording.Definitions.Version || state.Missing.Count > 0
            ? new UploadStep.Define(recording, state.Missing)
            : null;
    }

    private UploadStep? NextAnnounce()
    {
        List<SpoolChunk> batch = [];
        bool isNextUnknown = false;
        int seen = 0;
        queue.Walk(Scope, chunk =>
        {
            if (IsToAnnounce(chunk))
            {
                isNextUnknown |= seen == 0;
                batch.Add(chunk);
            }

            return ++seen < Lookahead && batch.Count < options.AnnounceChunksMax;
        });
        if (_announcing.Count >= (isNextUnknown ? AnnouncesMax + 1 : AnnouncesMax))
            return null;
        List<SpoolChunk> taken = [];
        queue.TakeUnannounced(options.AnnounceChunksMax - batch.Count, taken);
        foreach (SpoolChunk chunk in taken)
        {
            if (IsToAnnounce(chunk) && !batch.Contains(chunk))
                batch.Add(chunk);
        }

        if (batch.Count == 0)
            return null;
        // Its definitions go first; the batch comes again when they are sent.
        if (batch.Select(static chunk => chunk.Segment.Recording).Distinct().Select(NextDefine)
            .FirstOrDefault(static step => step is not null) is { } define)
        {
            queue.ReturnUnannounced(taken);
            return define;
        }

        return new UploadStep.Announce(batch);
    }

    private bool IsToAnnounce(SpoolChunk chunk) =>
        !_flights.ContainsKey(chunk) && !_unread.ContainsKey(chunk) && !_delayed.ContainsKey(chunk);

    private UploadStep.End? NextEnd()
    {
        if (queue.HasUnannounced)
            return null;
        foreach (SpoolRecording recording in endsToTell())
        {
            // Where its definitions are still to be told, the next step tells them.
            if (_ending.Contains(recording) || NextDefine(recording) is not null)
                continue;
            _ending.Add(recording);
            _endsOwed++;
            return new UploadStep.End(recording);
        }

        return null;
    }

    private UploadStep? NextLedger()
    {
        if (_ledgerOwed is not null || !_opened!.TakesLedger || ledgersToTell is null)
            return null;
        foreach (SpoolRecording recording in ledgersToTell())
            return NextDefine(recording) ?? (UploadStep)new UploadStep.Ledger(recording);
        return null;
    }

    private UploadStep NextPart(TimeSpan now)
    {
        UploadStep? next = null;
        long partBytesMax = PartBytesMax;
        int left = Lookahead + _flights.Count;
        queue.Walk(Scope, chunk =>
        {
            if (_flights.TryGetValue(chunk, out Flight? flight) && flight.State == FlightState.Sending
                && IsDefined(chunk.Segment.Recording))
            {
                int bytes = (int)Math.Min(partBytesMax, chunk.BodyBytes - flight.Offset);
                bool isShut = _complete > 0 && (ulong)(_unacknowledgedBytes + bytes) > _opened!.UnacknowledgedBytesMax;
                next = isShut ? null : new UploadStep.Part(chunk, flight.Offset, bytes);
                return false;
            }

            return --left > 0;
        });
        if (next is not null)
            return next;
        TimeSpan? wake = _unread.Count == 0 ? null : _unread.Values.Min() - now;
        if (_delayed.Count > 0 && (wake is null || _delayedUntil - now < wake))
            wake = _delayedUntil - now;
        return new UploadStep.Wait(wake);
    }

    /// <summary>What the link carries.</summary>
    private UploadScope Scope => meter?.Scope ?? UploadScope.Everything;

    private long PartBytesMax
    {
        get
        {
            long bytes = _opened!.PartBytesMax == 0 ? options.PartBytes : Math.Min(options.PartBytes, _opened.PartBytesMax);
            return meter is null ? bytes : Math.Min(bytes, meter.PartBytesMax);
        }
    }

    private bool IsDefined(SpoolRecording recording) =>
        _defined.TryGetValue(recording, out DefinedState? state) && state.IsKnown && state.Missing.Count == 0
        && !_defining.Contains(recording);

    private void ReadAgain(TimeSpan now)
    {
        foreach ((SpoolChunk chunk, TimeSpan until) in _unread)
        {
            if (chunk.End == ChunkEnd.Pending && now < until)
                continue;
            _unread.Remove(chunk);
            queue.ReturnUnannounced([chunk]);
        }
    }

    // The gateway said when: it begins again at the start.
    private void EndDelays(TimeSpan now)
    {
        if (now < _delayedUntil)
            return;
        _delayedUntil = TimeSpan.MaxValue;
        foreach ((SpoolChunk chunk, TimeSpan until) in _delayed)
        {
            if (now < until)
            {
                _delayedUntil = until < _delayedUntil ? until : _delayedUntil;
                continue;
            }

            _delayed.Remove(chunk);
            if (chunk.End != ChunkEnd.Pending)
                continue;
            _flights[chunk] = new Flight { State = FlightState.Sending };
            queue.Return(chunk);
        }
    }

    // Evicted, or ended by a receipt of an earlier session. What was sent whole still has an answer to come.
    private void DropEnded()
    {
        foreach ((SpoolChunk chunk, Flight flight) in _flights)
        {
            if (chunk.End != ChunkEnd.Pending && flight.State == FlightState.Sending)
                Land(chunk);
        }
    }

    private void Land(SpoolChunk chunk)
    {
        queue.Remove(chunk);
        if (!_flights.Remove(chunk, out Flight? flight))
            return;
        _unacknowledgedBytes -= flight.SentBytes;
        if (flight.State == FlightState.Complete)
            _complete--;
    }

    private enum FlightState
    {
        /// <summary>The gateway has not said from where.</summary>
        Announced,
        Sending,
        Complete,
    }

    private sealed class Flight
    {
        public FlightState State { get; set; }

        public long Offset { get; set; }

        public long SentBytes { get; set; }
    }

    private sealed class DefinedState
    {
        public int SentVersion { get; set; } = -1;

        public bool IsKnown { get; set; }

        public IReadOnlySet<ByteString> Missing { get; set; } = NoSchemas;
    }
}
