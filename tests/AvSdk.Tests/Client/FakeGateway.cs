using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using AvSdk.Contracts;
using AvSdk.Mcap;
using AvSdk.Query;
using Google.Protobuf;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Tests.Client;

/// <summary>
/// A gateway's query service in memory, in place of the network: plans and reads what was put into it, and
/// loses the connection where it is told to.
/// </summary>
internal sealed class FakeGateway : IQueryTransport
{
    private const int DataBytes = 700;

    private readonly List<FakeRecording> _recordings = [];
    private readonly List<FakeChunk> _chunks = [];

    public string Address => "fake gateway";

    /// <summary>
    /// A reading is lost after so many replies, each time one begins: the first of the list is the first's.
    /// </summary>
    public Queue<int> LoseReadingAfter { get; } = [];

    /// <summary>Calls that fail before one succeeds.</summary>
    public int FailCalls { get; set; }

    /// <summary>What the gateway says with them.</summary>
    public TimeSpan? RetryAfter { get; set; }

    public int Readings { get; private set; }

    public int Calls { get; private set; }

    /// <summary>Changes replies on their way, to misbehave.</summary>
    public Func<V1.ReadReply, V1.ReadReply>? Alter { get; set; }

    public AvClient Client(AvClientOptions? options = null)
    {
        options ??= new AvClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) };
        return new AvClient(this, new McapExport(new Uri("http://127.0.0.1:1"), options), options);
    }

    public FakeRecording Add(string vehicleId, params FakeChannel[] channels)
    {
        FakeRecording recording = new(vehicleId, Guid.CreateVersion7(), channels);
        _recordings.Add(recording);
        return recording;
    }

    /// <summary>Stores the next chunk of a lane.</summary>
    public void Store(FakeRecording recording, string lane, params FakeMessage[] messages) =>
        _chunks.Add(recording.Chunk(lane, messages, (ulong)_chunks.Count + 1));

    public Task<V1.QueryPlan> PlanAsync(V1.Selection selection, CancellationToken cancellationToken)
    {
        Call();
        string[] topics = [.. _recordings.SelectMany(each => each.Channels).Select(each => each.Topic).Distinct()];
        V1.QueryPlan plan = new() { AsOf = (ulong)_chunks.Count };
        plan.UnmatchedTopics.AddRange(selection.Topics.Where(pattern => !topics.Any(topic => TopicGlob.Fits(pattern, topic))));
        plan.KnownTopics.AddRange(topics);
        foreach (FakeChannel channel in _recordings.SelectMany(each => each.Channels))
        {
            if (TopicGlob.FitsAny(selection.Topics, channel.Topic))
            {
                plan.Topics.Add(new V1.TopicSummary
                {
                    Topic = channel.Topic,
                    MessageEncoding = channel.MessageEncoding,
                    SchemaName = channel.SchemaName,
                });
            }
        }

        return Task.FromResult(plan);
    }

    public async IAsyncEnumerable<V1.ReadReply> ReadAsync(
        V1.Selection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Readings++;
        int left = LoseReadingAfter.TryDequeue(out int after) ? after : int.MaxValue;
        foreach (V1.ReadReply reply in Replies(selection))
        {
            if (left-- == 0)
                throw new AvQueryException(AvQueryError.GatewayUnavailable, "The connection was cut.");
            await Task.Yield();
            yield return Alter is null ? reply : Alter(reply.Clone());
        }
    }

    public Task<V1.RequestReply> RequestAsync(V1.Selection selection, CancellationToken cancellationToken)
    {
        Call();
        return Task.FromResult(new V1.RequestReply { RequestedChunks = 3, RequestedBytes = 30, ReachableChunks = 2 });
    }

    public Task<V1.ListVehiclesReply> ListVehiclesAsync(CancellationToken cancellationToken)
    {
        Call();
        return Task.FromResult(new V1.ListVehiclesReply
        {
            Vehicles = { _recordings.Select(each => new V1.VehicleSummary { VehicleId = each.VehicleId }) },
        });
    }

    /// <summary>One recording a page.</summary>
    public Task<V1.ListRecordingsReply> ListRecordingsAsync(
        V1.ListRecordingsRequest request, CancellationToken cancellationToken)
    {
        Call();
        _ = int.TryParse(request.PageToken, out int page);
        return Task.FromResult(new V1.ListRecordingsReply
        {
            Recordings = { new V1.RecordingSummary { Recording = _recordings[page].Info } },
            NextPageToken = page + 1 < _recordings.Count ? $"{page + 1}" : "",
        });
    }

    public Task<V1.ListTopicsReply> ListTopicsAsync(V1.Selection selection, CancellationToken cancellationToken)
    {
        Call();
        return Task.FromResult(new V1.ListTopicsReply());
    }

    public Task<V1.Coverage> GetCoverageAsync(V1.Selection selection, CancellationToken cancellationToken)
    {
        Call();
        return Task.FromResult(new V1.Coverage());
    }

    public Task<V1.LedgerReport> GetLedgerAsync(
        V1.GetLedgerRequest request, CancellationToken cancellationToken)
    {
        Call();
        return Task.FromResult(new V1.LedgerReport());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public IEnumerable<V1.ReadReply> Replies(V1.Selection selection)
    {
        FakeChunk[] chunks =
        [
            .. _chunks
                .Where(chunk => chunk.Ordinal <= (selection.HasAsOf ? selection.AsOf : ulong.MaxValue)
                    && chunk.Header.LastLogTime >= (selection.HasStart ? selection.Start : 0)
                    && chunk.Header.FirstLogTime < (selection.HasEnd ? selection.End : ulong.MaxValue)
                    && chunk.Topics.Any(topic => TopicGlob.FitsAny(selection.Topics, topic)))
                .OrderBy(chunk => chunk.Header.FirstLogTime).ThenBy(chunk => chunk.Ordinal),
        ];
        yield return new V1.ReadReply
        {
            Begin = new V1.ReadBegin
            {
                AsOf = selection.HasAsOf ? selection.AsOf : (ulong)_chunks.Count,
                Chunks = (ulong)chunks.Length,
            },
        };
        HashSet<Guid> defined = [];
        foreach (FakeChunk chunk in chunks)
        {
            if (defined.Add(chunk.Recording.Id))
                yield return new V1.ReadReply { Definitions = chunk.Recording.Definitions };
            yield return new V1.ReadReply { Chunk = chunk.Header };
            for (int at = 0; at < chunk.Body.Length; at += DataBytes)
            {
                int bytes = Math.Min(DataBytes, chunk.Body.Length - at);
                yield return new V1.ReadReply { Data = ByteString.CopyFrom(chunk.Body, at, bytes) };
            }
        }
    }

    private void Call()
    {
        Calls++;
        if (FailCalls-- > 0)
        {
            throw new AvQueryException(AvQueryError.GatewayUnavailable, "The connection was cut.") { RetryAfter = RetryAfter };
        }
    }
}

internal sealed record FakeChannel(
    ushort Id, string Topic, string SchemaName = "", string MessageEncoding = "raw", byte[]? SchemaData = null)
{
    public static FakeChannel Of<T>(ushort id, string topic)
        where T : IMessage<T>, new()
    {
        Google.Protobuf.Reflection.MessageDescriptor descriptor = new T().Descriptor;
        return new FakeChannel(
            id, topic, descriptor.FullName, ProtobufSchema.Encoding,
            ProtobufSchema.FileDescriptorSet(descriptor).ToArray());
    }
}

internal readonly record struct FakeMessage(ushort Channel, ulong LogTime, uint Sequence, byte[] Payload);

internal sealed record FakeChunk(
    FakeRecording Recording, V1.ChunkHeader Header, byte[] Body, ulong Ordinal, IReadOnlyList<string> Topics);

internal sealed class FakeRecording(string vehicleId, Guid id, FakeChannel[] channels)
{
    private readonly Dictionary<string, (ulong Sequence, byte[] Sha256)> _lanes = [];

    public string VehicleId => vehicleId;

    public Guid Id => id;

    public IReadOnlyList<FakeChannel> Channels => channels;

    public V1.RecordingInfo Info => new() { RecordingId = RecordingIds.ToBytes(id), VehicleId = vehicleId };

    public V1.Definitions Definitions
    {
        get
        {
            V1.Definitions definitions = new() { Recording = Info };
            foreach (FakeChannel channel in channels)
            {
                ByteString hash = channel.SchemaName.Length == 0
                    ? ByteString.Empty
                    : ByteString.CopyFrom(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(channel.SchemaName)));
                definitions.Channels.Add(new V1.ChannelDefinition
                {
                    ChannelId = channel.Id,
                    Topic = channel.Topic,
                    MessageEncoding = channel.MessageEncoding,
                    SchemaSha256 = hash,
                });
                if (!hash.IsEmpty && definitions.Schemas.All(schema => schema.Sha256 != hash))
                {
                    definitions.Schemas.Add(new V1.SchemaDefinition
                    {
                        Sha256 = hash,
                        Name = channel.SchemaName,
                        Encoding = channel.MessageEncoding,
                        Data = ByteString.CopyFrom(channel.SchemaData ?? []),
                    });
                }
            }

            return definitions;
        }
    }

    public FakeChunk Chunk(string lane, FakeMessage[] messages, ulong ordinal)
    {
        (ulong sequence, byte[] previous) = _lanes.GetValueOrDefault(lane, (0UL, new byte[32]));
        using ChunkBuilder builder = new();
        foreach (FakeMessage message in messages)
        {
            message.Payload.CopyTo(builder.AddMessage(
                message.Channel, message.Sequence, message.LogTime, message.LogTime, message.Payload.Length));
        }

        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(ChunkCompression.Lz4, output);
        byte[] body = output.WrittenSpan.ToArray();
        byte[] hash = SHA256.HashData([.. previous, .. body]);
        _lanes[lane] = (sequence + 1, hash);
        V1.ChunkHeader header = new()
        {
            Ref = new V1.ChunkRef { RecordingId = RecordingIds.ToBytes(id), Lane = lane, Sequence = sequence + 1 },
            FirstLogTime = builder.FirstLogTime,
            LastLogTime = builder.LastLogTime,
            UncompressedBytes = (ulong)builder.RecordBytes,
            BodyBytes = (ulong)body.Length,
            PreviousSha256 = ByteString.CopyFrom(previous),
            Sha256 = ByteString.CopyFrom(hash),
        };
        string[] topics = [.. messages.Select(message => channels.First(each => each.Id == message.Channel).Topic).Distinct()];
        return new FakeChunk(this, header, body, ordinal, topics);
    }
}
