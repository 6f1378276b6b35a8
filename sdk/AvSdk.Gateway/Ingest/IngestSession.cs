using AvSdk.Contracts.Identity;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// The gateway's end of one stream of <c>av.v1.Ingest/Upload</c>, without I/O: each message becomes an action
/// for the shell, each receipt goes through here on its way out. It knows who is calling, what the messages
/// must look like, and how many bytes are under way; which chunks exist is the index's business.
/// </summary>
/// <param name="limits">What it takes.</param>
/// <param name="software">The gateway's, as it tells vehicles.</param>
/// <param name="certified">Who is calling by his certificate; null: who he says he is.</param>
/// <remarks>Not safe for threads: the shell calls under a lock.</remarks>
internal sealed class IngestSession(IngestLimits limits, string software, PeerIdentity? certified = null)
{
    public const uint Protocol = 1;

    private readonly Dictionary<ChunkKey, long> _underWay = [];

    // Chunks whose receipt went out before all their parts had come: parts still in the link are of no use,
    // until one begins the chunk again.
    private readonly HashSet<ChunkKey> _settled = [];

    /// <summary>Null before Open.</summary>
    public string? VehicleId { get; private set; }

    /// <summary>For logs, before Open too.</summary>
    public string Caller => VehicleId ?? certified?.Name ?? "an unknown vehicle";

    /// <summary>The vehicle's software, as it says.</summary>
    public string VehicleSoftware { get; private set; } = "";

    /// <summary>Bytes of parts without a receipt.</summary>
    public long UnacknowledgedBytes { get; private set; }

    public IngestAction Receive(UploadRequest request)
    {
        if (VehicleId is null && request.KindCase != UploadRequest.KindOneofCase.Open)
            return Bad($"The first message must be open, not {NameOf(request)}.");
        return request.KindCase switch
        {
            UploadRequest.KindOneofCase.Open => Receive(request.Open),
            UploadRequest.KindOneofCase.Define => Receive(request.Define),
            UploadRequest.KindOneofCase.Announce => Receive(request.Announce),
            UploadRequest.KindOneofCase.Part => Receive(request.Part),
            UploadRequest.KindOneofCase.End => Receive(request.End),
            UploadRequest.KindOneofCase.Ledger => Checked(
                IngestRules.CheckLedger(request.Ledger), new IngestAction.Ledger(request.Ledger)),
            _ => Bad(
                "The message has none of the kinds open, define, announce, part, end, ledger; is the vehicle newer?"),
        };
    }

    /// <summary>
    /// A receipt on its way to the vehicle: its chunk's bytes are no longer under way.
    /// <paramref name="isWhole"/>: all parts had come, so none is expected any more.
    /// </summary>
    public UploadReply Settle(Receipt receipt, bool isWhole)
    {
        ChunkKey key = ChunkKey.From(receipt.Ref);
        if (_underWay.Remove(key, out long bytes))
            UnacknowledgedBytes -= bytes;
        if (!isWhole)
            _settled.Add(key);
        return new UploadReply { Receipt = receipt };
    }

    private static string NameOf(UploadRequest request) =>
        request.KindCase == UploadRequest.KindOneofCase.None
            ? "empty"
            : request.KindCase.ToString().ToLowerInvariant();

    private static IngestAction.Refuse Bad(string message) => new(IngestRefusal.Bad(message));

    private static IngestAction Checked(string? problem, IngestAction action) =>
        problem is null ? action : Bad(problem);

    private IngestAction Receive(Open open)
    {
        if (VehicleId is not null)
            return Bad("open came twice on one stream; open another stream instead.");
        if (open.Protocol != Protocol)
            return Bad($"open.protocol is {open.Protocol}; this gateway speaks {Protocol}.");
        if (IngestRules.CheckVehicleId(open.VehicleId, "open.vehicle_id") is { } problem)
            return Bad(problem);
        if (certified is not null && open.VehicleId != certified.Name)
        {
            return new IngestAction.Refuse(new IngestRefusal(
                IngestRefusalKind.NotAllowed,
                $"open names vehicle {open.VehicleId}, and the certificate is of {certified}: a vehicle writes only as "
                + $"itself. Record as {certified.Name}, or use the certificate of {open.VehicleId}."));
        }

        VehicleId = open.VehicleId;
        VehicleSoftware = open.Software;
        return new IngestAction.Greet(new UploadReply
        {
            Opened = new Opened
            {
                Software = software,
                PartBytesMax = (uint)limits.PartBytesMax,
                UnacknowledgedBytesMax = (ulong)limits.UnacknowledgedBytesMax,
                ChunkBytesMax = (ulong)limits.ChunkBytesMax,
                TakesLedger = true,
            },
        });
    }

    private IngestAction Receive(Define define)
    {
        if (IngestRules.CheckDefine(define, limits) is { } problem)
            return Bad(problem);
        return define.Recording.VehicleId == VehicleId
            ? new IngestAction.Define(define)
            : new IngestAction.Refuse(new IngestRefusal(
                IngestRefusalKind.NotAllowed,
                $"define names vehicle {define.Recording.VehicleId} on a stream of {VehicleId}; a vehicle "
                + "writes only its own recordings."));
    }

    private IngestAction Receive(Announce announce) =>
        Checked(IngestRules.CheckAnnounce(announce, limits), new IngestAction.Announce(announce));

    private static IngestAction Receive(End end) =>
        Checked(IngestRules.CheckEnd(end), new IngestAction.End(end.End_));

    private IngestAction Receive(Part part)
    {
        if (IngestRules.CheckPart(part, limits) is { } problem)
            return Bad(problem);
        ChunkKey key = ChunkKey.From(part.Ref);
        if (_settled.Contains(key))
        {
            if (part.Offset != 0)
                return new IngestAction.Ignore();
            _settled.Remove(key);
        }

        // One part of tolerance: a vehicle that counts before it sends is never refused.
        if (UnacknowledgedBytes + part.Data.Length > limits.UnacknowledgedBytesMax + limits.PartBytesMax)
        {
            return Bad(
                $"{UnacknowledgedBytes} bytes are under way without a receipt; wait for receipts at "
                + $"{limits.UnacknowledgedBytesMax} (opened.unacknowledged_bytes_max).");
        }

        if (!_underWay.TryGetValue(key, out long bytes)
            && _underWay.Count + 1 > limits.ChunksUnderWayMax)
        {
            return Bad(
                $"Parts of {_underWay.Count} chunks are under way; finish some before beginning others.");
        }

        if (_settled.Count > limits.SettledChunksMax)
        {
            return Bad(
                $"{_settled.Count} chunks were to be sent again and were not begun; open another stream.");
        }

        _underWay[key] = bytes + part.Data.Length;
        UnacknowledgedBytes += part.Data.Length;
        return new IngestAction.Stage(key, part.Offset, part.Data);
    }
}
