using System.Collections.Concurrent;
using System.Threading.Channels;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;
using Google.Protobuf;
using ReplyQueue = System.Threading.Channels.Channel<AvSdk.Contracts.V1.UploadReply>;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>A gateway in memory, with the rules of ingest.proto, and a link to it that can be cut.</summary>
internal sealed class FakeGateway : IUplink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChunkRef, ChunkHeader> _announced = [];
    private readonly Dictionary<ChunkRef, MemoryStream> _held = [];
    private readonly Dictionary<ByteString, SchemaDefinition> _schemas = [];
    private readonly Queue<Receipt> _receiptsHeld = [];
    private Action? _cut;
    private Func<bool>? _isTaken;
    private Action<UploadReply>? _reply;
    private int _parts;

    public string Name => "fake";

    public uint PartBytesMax { get; set; } = 256 << 10;

    public ulong WindowBytes { get; set; } = 64 << 20;

    /// <summary>Attempts to connect that fail before one is let in.</summary>
    public int Refusals { get; set; }

    /// <summary>What those attempts fail with.</summary>
    public Exception Refusal { get; set; } = new UplinkException("Connection refused.");

    /// <summary>The link goes after so many parts from now; 0: never.</summary>
    public int CutAfterParts { get; set; }

    /// <summary>Called with each part before it is taken; its task holds the link up.</summary>
    public Func<Part, Task>? OnPart { get; set; }

    /// <summary>Why a whole chunk is not stored; null: it is.</summary>
    public Func<ChunkRef, Receipt?>? Judge { get; set; }

    public bool DuplicateReceipts { get; set; }

    /// <summary>Chunks are stored, and their receipts wait for <see cref="LetReceiptsGo"/>.</summary>
    public bool HoldsReceipts { get; set; }

    /// <summary>False: as a gateway of an earlier version.</summary>
    public bool TakesLedger { get; set; } = true;

    /// <summary>Why entries were refused.</summary>
    public ConcurrentQueue<string> LedgerRefusals { get; } = [];

    /// <summary>By recording, the entries that were told, in order; each follows the one before.</summary>
    public ConcurrentDictionary<ByteString, List<byte[]>> Ledgers { get; } = [];

    public int Attempts { get; private set; }

    public ConcurrentDictionary<ChunkRef, byte[]> Stored { get; } = [];

    public ConcurrentQueue<(ChunkRef Ref, ulong Offset, int Bytes)> Parts { get; } = [];

    public ConcurrentQueue<RecordingEnd> Ends { get; } = [];

    public ConcurrentDictionary<ByteString, Define> Recordings { get; } = [];

    public ConcurrentQueue<string> Requests { get; } = [];

    public int AnnouncedCount
    {
        get
        {
            lock (_gate)
                return _announced.Count;
        }
    }

    public IReadOnlyList<ChunkHeader> Headers
    {
        get
        {
            lock (_gate)
                return [.. _announced.Values];
        }
    }

    public ChunkHeader Header(ChunkRef chunk)
    {
        lock (_gate)
            return _announced[chunk];
    }

    public ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Attempts++;
            if (Attempts <= Refusals)
                throw Refusal;
            Session session = new(this);
            _cut = session.Cut;
            _reply = session.Reply;
            _isTaken = session.IsTaken;
            return new ValueTask<IUplinkSession>(session);
        }
    }

    public bool IsTaken => _isTaken?.Invoke() == true;

    /// <summary>Cuts the link: nothing more comes over it.</summary>
    public void Cut()
    {
        lock (_gate)
            _cut?.Invoke();
    }

    /// <summary>Receipts that were held are given, and those to come at once.</summary>
    public void LetReceiptsGo()
    {
        lock (_gate)
        {
            HoldsReceipts = false;
            while (_receiptsHeld.TryDequeue(out Receipt? receipt))
                _reply!(new UploadReply { Receipt = receipt });
        }
    }

    public void Request(params ChunkRef[] refs)
    {
        ChunkRequest request = new();
        request.Refs.AddRange(refs);
        _reply!(new UploadReply { Request = request });
    }

    private async ValueTask TakeAsync(
        Session session, UploadRequest request, CancellationToken cancellationToken)
    {
        // What the sender lends is copied before it is kept.
        request = UploadRequest.Parser.ParseFrom(request.ToByteArray());
        Requests.Enqueue(request.KindCase.ToString());
        switch (request.KindCase)
        {
            case UploadRequest.KindOneofCase.Open:
                session.Reply(new UploadReply
                {
                    Opened = new Opened
                    {
                        Software = "fake/1",
                        PartBytesMax = PartBytesMax,
                        UnacknowledgedBytesMax = WindowBytes,
                        ChunkBytesMax = 1 << 30,
                        TakesLedger = TakesLedger,
                    },
                });
                break;
            case UploadRequest.KindOneofCase.Define:
                session.Reply(new UploadReply { Defined = OnDefine(request.Define) });
                break;
            case UploadRequest.KindOneofCase.Announce:
                session.Reply(new UploadReply { Announced = OnAnnounce(request.Announce) });
                break;
            case UploadRequest.KindOneofCase.Part:
                if (OnPart is not null)
                    await OnPart(request.Part).WaitAsync(cancellationToken);
                OnePart(session, request.Part);
                break;
            case UploadRequest.KindOneofCase.End:
                Ends.Enqueue(request.End.End_);
                session.Reply(new UploadReply { Ended = new Ended { RecordingId = request.End.End_.RecordingId } });
                break;
            case UploadRequest.KindOneofCase.Ledger:
                Assert.True(TakesLedger);
                session.Reply(new UploadReply { LedgerNoted = OnLedger(request.Ledger) });
                break;
            default:
                throw new InvalidOperationException(request.KindCase.ToString());
        }
    }

    private Defined OnDefine(Define define)
    {
        Defined reply = new() { RecordingId = define.Recording.RecordingId };
        lock (_gate)
        {
            foreach (SchemaDefinition schema in define.Schemas)
            {
                if (schema.Data.Length > 0)
                    _schemas[schema.Sha256] = schema;
                else if (!_schemas.ContainsKey(schema.Sha256))
                    reply.MissingSchemaSha256.Add(schema.Sha256);
            }
        }

        // What is known stays.
        if (Recordings.TryGetValue(define.Recording.RecordingId, out Define? known))
        {
            HashSet<uint> ids = [.. define.Channels.Select(channel => channel.ChannelId)];
            define.Channels.AddRange(known.Channels.Where(channel => !ids.Contains(channel.ChannelId)));
        }

        Recordings[define.Recording.RecordingId] = define;
        return reply;
    }

    private LedgerNoted OnLedger(TellLedger told)
    {
        lock (_gate)
        {
            Assert.True(Recordings.ContainsKey(told.RecordingId));
            List<byte[]> known = Ledgers.GetOrAdd(told.RecordingId, static _ => []);
            LedgerChain chain = LedgerChain.Empty;
            foreach (byte[] bytes in known)
                chain = chain.Take(LedgerEntry.Parser.ParseFrom(bytes), bytes, out _)!;
            foreach (ByteString bytes in told.Entries)
            {
                LedgerEntry entry = LedgerEntry.Parser.ParseFrom(bytes);
                if (known.Any(each => each.AsSpan().SequenceEqual(bytes.Span)))
                    continue;
                if (chain.Take(entry, bytes.Span, out string problem) is not { } next)
                {
                    LedgerRefusals.Enqueue(problem);
                    return new LedgerNoted { RecordingId = told.RecordingId, Refused = problem };
                }

                chain = next;
                known.Add(bytes.ToByteArray());
            }

            return new LedgerNoted
            {
                RecordingId = told.RecordingId,
                Part = chain.Part,
                ThroughIndex = chain.Index,
                HeadSha256 = chain.Head,
            };
        }
    }

    private Announced OnAnnounce(Announce announce)
    {
        Announced reply = new();
        lock (_gate)
        {
            foreach (ChunkHeader header in announce.Headers)
            {
                _announced[header.Ref] = header;
                ChunkState state = new() { Ref = header.Ref, Kind = ChunkState.Types.Kind.Unknown };
                if (Stored.ContainsKey(header.Ref))
                {
                    state.Kind = ChunkState.Types.Kind.Stored;
                }
                else if (_held.TryGetValue(header.Ref, out MemoryStream? held))
                {
                    state.Kind = ChunkState.Types.Kind.Partial;
                    state.HeldBytes = (ulong)held.Length;
                }

                reply.States.Add(state);
            }
        }

        return reply;
    }

    private void OnePart(Session session, Part part)
    {
        Receipt? receipt = null;
        lock (_gate)
        {
            if (session.IsCut)
                throw new UplinkException("The link is gone.");
            if (CutAfterParts > 0 && ++_parts > CutAfterParts)
            {
                CutAfterParts = 0;
                session.Cut();
                throw new UplinkException("The link is gone.");
            }

            Parts.Enqueue((part.Ref, part.Offset, part.Data.Length));
            ChunkHeader header = _announced[part.Ref];
            if (!_held.TryGetValue(part.Ref, out MemoryStream? held) || part.Offset == 0)
                _held[part.Ref] = held = new MemoryStream();
            Assert.Equal((ulong)held.Length, part.Offset);
            held.Write(part.Data.Span);
            if ((ulong)held.Length == header.BodyBytes)
            {
                _held.Remove(part.Ref);
                receipt = Judge?.Invoke(part.Ref) ?? Store(header, held.ToArray());
                receipt.Ref = part.Ref;
            }
        }

        if (receipt is null)
            return;
        lock (_gate)
        {
            if (HoldsReceipts)
            {
                _receiptsHeld.Enqueue(receipt);
                return;
            }
        }

        session.Reply(new UploadReply { Receipt = receipt });
        if (DuplicateReceipts)
            session.Reply(new UploadReply { Receipt = receipt });
    }

    private Receipt Store(ChunkHeader header, byte[] body)
    {
        if (LaneChain.Hash(header.PreviousSha256, body) != header.Sha256)
            return new Receipt { Outcome = Receipt.Types.Outcome.Rejected, Reason = "The hash is wrong." };
        bool isNew = Stored.TryAdd(header.Ref, body);
        return new Receipt
        {
            Outcome = isNew ? Receipt.Types.Outcome.Stored : Receipt.Types.Outcome.AlreadyStored,
            Sha256 = header.Sha256,
        };
    }

    private sealed class Session(FakeGateway gateway) : IUplinkSession
    {
        private readonly ReplyQueue _replies = Channel.CreateUnbounded<UploadReply>();
        private volatile bool _isCut;

        public bool IsCut => _isCut;

        private int _replied;
        private int _asked;

        /// <summary>Every reply was taken, and what followed from it was done.</summary>
        public bool IsTaken() => Volatile.Read(ref _asked) == Volatile.Read(ref _replied) + 1;

        public void Cut()
        {
            _isCut = true;
            _replies.Writer.TryComplete(new UplinkException("The link is gone."));
        }

        public void Reply(UploadReply reply)
        {
            Interlocked.Increment(ref _replied);
            _replies.Writer.TryWrite(reply);
        }

        public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
        {
            if (_isCut)
                throw new UplinkException("The link is gone.");
            await gateway.TakeAsync(this, request, cancellationToken);
        }

        public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            try
            {
                return await _replies.Reader.ReadAsync(cancellationToken);
            }
            catch (ChannelClosedException error) when (error.InnerException is UplinkException inner)
            {
                throw inner;
            }
        }

        public ValueTask DisposeAsync()
        {
            _isCut = true;
            _replies.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
