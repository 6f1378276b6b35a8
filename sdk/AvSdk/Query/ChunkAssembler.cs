using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// Makes chunks of a reading's messages (query.proto, <c>ReadReply</c>): definitions, a chunk's header, its
/// body in pieces. Sans-I/O. A length is checked against the limits before memory is rented for it.
/// </summary>
internal sealed class ChunkAssembler(
    ReadingSpec spec, V1.Selection selection, AvClientOptions options, ILogger logger)
    : IDisposable
{
    private readonly Dictionary<Guid, RecordingDefinitions> _recordings = [];
    private readonly ChunkOpener _opener = new(selection, options.ChunkBytesMax);
    private bool _begun;
    private ulong _chunksLeft;
    private ulong _lastFirstLogTime;
    private V1.ChunkHeader? _header;
    private byte[] _body = [];
    private int _bodyBytes;

    /// <summary>The ordinal that the gateway pinned the reading to; known before the first chunk.</summary>
    public ulong AsOf { get; private set; }

    /// <summary>
    /// Takes the next message; gives a chunk when it completes one. The chunk is the caller's to dispose.
    /// </summary>
    /// <exception cref="AvQueryException">The message, or the chunk, is not what it should be.</exception>
    public LoadedChunk? Take(V1.ReadReply reply)
    {
        if (!_begun && reply.KindCase != V1.ReadReply.KindOneofCase.Begin)
            throw Violation($"its first message was {reply.KindCase}, not Begin");
        switch (reply.KindCase)
        {
            case V1.ReadReply.KindOneofCase.Begin:
                Begin(reply.Begin);
                return null;
            case V1.ReadReply.KindOneofCase.Definitions:
                Define(reply.Definitions);
                return null;
            case V1.ReadReply.KindOneofCase.Chunk:
                BeginChunk(reply.Chunk);
                return null;
            case V1.ReadReply.KindOneofCase.Data:
                return TakeData(reply.Data);
            default:
                return null; // A kind of a later version: what it adds is not needed to read chunks.
        }
    }

    /// <summary>Says whether the stream may end here.</summary>
    /// <exception cref="AvQueryException">It ended early, as after a lost connection.</exception>
    public void CheckComplete()
    {
        if (!_begun || _header is not null || _chunksLeft > 0)
        {
            throw new AvQueryException(AvQueryError.GatewayUnavailable,
                $"The gateway ended the reading {_chunksLeft + (_header is null ? 0UL : 1UL)} chunks before "
                    + "its end.");
        }
    }

    public void Dispose() => ReturnBody();

    private void Begin(V1.ReadBegin begin)
    {
        if (_begun)
            throw Violation("it began twice");
        _begun = true;
        _chunksLeft = begin.Chunks;
        AsOf = begin.AsOf;
    }

    private void Define(V1.Definitions definitions)
    {
        Guid id = RecordingIds.Parse(definitions.Recording?.RecordingId ?? ByteString.Empty);
        _recordings.TryGetValue(id, out RecordingDefinitions? known);
        _recordings[id] = RecordingDefinitions.From(known, definitions, spec);
    }

    private void BeginChunk(V1.ChunkHeader header)
    {
        if (_header is not null)
            throw Violation("a chunk began inside another");
        if (_chunksLeft == 0)
            throw Violation("it sent more chunks than it had promised");
        if (header.Ref is null || !RecordingIds.TryParse(header.Ref.RecordingId, out Guid id)
            || !_recordings.ContainsKey(id))
            throw Violation("a chunk came before the definitions of its recording");
        if (header.FirstLogTime < _lastFirstLogTime)
            throw Violation("its chunks were not in order of first log time");
        if (header.BodyBytes > (ulong)options.ChunkBytesMax
            || header.UncompressedBytes > (ulong)options.ChunkBytesMax)
            throw OverLimit(header);
        _lastFirstLogTime = header.FirstLogTime;
        _header = header;
        _body = ArrayPool<byte>.Shared.Rent((int)header.BodyBytes);
        _bodyBytes = 0;
    }

    private LoadedChunk? TakeData(ByteString data)
    {
        if (_header is not { } header)
            throw Violation("data came without a chunk's header");
        if ((ulong)(_bodyBytes + (long)data.Length) > header.BodyBytes)
            throw Violation($"chunk {header.Ref.Sequence} of lane {header.Ref.Lane} was longer than its "
                + "header said");
        data.Span.CopyTo(_body.AsSpan(_bodyBytes));
        _bodyBytes += data.Length;
        return (ulong)_bodyBytes == header.BodyBytes ? Complete(header) : null;
    }

    private LoadedChunk? Complete(V1.ChunkHeader header)
    {
        RecordingDefinitions recording = _recordings[RecordingIds.Parse(header.Ref.RecordingId)];
        AvSdkTelemetry.QueryBytes.Add(_bodyBytes);
        try
        {
            return _opener.Open(header, _body.AsSpan(0, _bodyBytes), recording);
        }
        catch (AvQueryException exception) when (
            exception.Error == AvQueryError.DamagedChunk && options.DamagedChunks == DamagedChunkPolicy.Skip)
        {
            AvSdkTelemetry.QueryDamagedChunks.Add(1);
            QueryLog.DamagedChunkLeftOut(logger, exception.Message);
            return null;
        }
        finally
        {
            _chunksLeft--;
            _header = null;
            ReturnBody();
        }
    }

    private void ReturnBody()
    {
        if (_body.Length > 0)
            ArrayPool<byte>.Shared.Return(_body);
        _body = [];
    }

    private AvQueryException OverLimit(V1.ChunkHeader header) => new(AvQueryError.OverLimit,
        $"Chunk {header.Ref.Sequence} of lane {header.Ref.Lane} has {header.BodyBytes} bytes, "
        + $"{header.UncompressedBytes} decompressed; the limit AvClientOptions.ChunkBytesMax is "
        + $"{options.ChunkBytesMax}. Raise it, or leave its topics out.");

    private static AvQueryException Violation(string what) => new(AvQueryError.Protocol,
        $"The gateway's reading broke the protocol: {what}. Its version and this client's do not fit "
            + "together.");
}
