using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using AvSdk.Contracts;
using Google.Protobuf;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// A question about recorded messages: vehicles, recordings, a time range, topics. Immutable: each method
/// gives a new query, and nothing runs before a method that ends in <c>Async</c>. What is not restricted is
/// selected.
/// </summary>
/// <remarks>Safe for use from any number of threads, also by several readings at a time.</remarks>
public sealed record AvQuery
{
    private readonly AvClient _client;

    internal AvQuery(AvClient client) => _client = client;

    /// <summary>As it goes to the gateway; never modified.</summary>
    internal V1.Selection Selection { get; private init; } = new();

    /// <summary>Where a reading of this query begins; null: at the start.</summary>
    public QueryPosition? Position { get; private init; }

    /// <summary>Messages of these vehicles. Replaces what was set before; none given: all vehicles.</summary>
    /// <param name="vehicleIds">For example <c>veh-042</c>.</param>
    public AvQuery Vehicles(params IEnumerable<string> vehicleIds) => With(selection =>
    {
        selection.VehicleIds.Clear();
        selection.VehicleIds.AddRange(NoneEmpty(vehicleIds, nameof(vehicleIds)));
    });

    /// <summary>
    /// Messages of these recordings. Replaces what was set before; none given: all recordings.
    /// </summary>
    public AvQuery Recordings(params IEnumerable<Guid> recordingIds) => With(selection =>
    {
        selection.RecordingIds.Clear();
        selection.RecordingIds.AddRange(recordingIds.Select(RecordingIds.ToBytes));
    });

    /// <summary>
    /// Messages of these topics. Replaces what was set before; none given: all topics. A topic may be a glob:
    /// <c>*</c> is any run of characters but <c>/</c>, <c>**</c> any run, <c>?</c> one character.
    /// </summary>
    /// <param name="topics">For example <c>/imu</c> or <c>/camera/*</c>.</param>
    public AvQuery Topics(params IEnumerable<string> topics) => With(selection =>
    {
        selection.Topics.Clear();
        selection.Topics.AddRange(NoneEmpty(topics, nameof(topics)));
    });

    /// <summary>Messages whose log time is in a range. Replaces what was set before.</summary>
    /// <param name="from">The earliest log time, inclusive; resolution 100 ns.</param>
    /// <param name="to">The latest log time, exclusive.</param>
    /// <exception cref="AvQueryException"><see cref="AvQueryError.TimeRange"/>: the range is the wrong way
    /// round.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is before 1970.</exception>
    public AvQuery Between(DateTimeOffset from, DateTimeOffset to)
    {
        if (from > to)
            throw WrongWayRound($"{from:O}", $"{to:O}");
        return Between(UnixNanoseconds.From(from), UnixNanoseconds.From(to));
    }

    /// <summary>Messages whose log time is in a range. Replaces what was set before.</summary>
    /// <param name="from">The earliest log time, ns since 1970, inclusive.</param>
    /// <param name="to">The latest log time, ns since 1970, exclusive.</param>
    /// <exception cref="AvQueryException"><see cref="AvQueryError.TimeRange"/>: the range is the wrong way
    /// round.</exception>
    public AvQuery Between(ulong from, ulong to)
    {
        if (from > to)
            throw WrongWayRound($"{from} ns", $"{to} ns");
        return With(selection =>
        {
            selection.Start = from;
            selection.End = to;
        });
    }

    /// <summary>
    /// The rest of a reading: what comes after a position, over the very chunks that the reading was over.
    /// The query must be the one that the position is of, and be read in the same way.
    /// </summary>
    public AvQuery After(QueryPosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        return this with { Position = position };
    }

    /// <summary>
    /// What the query would bring, and what of it is still in the vehicles; moves no chunk.
    /// </summary>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<QueryPlan> PlanAsync(CancellationToken cancellationToken) =>
        Replies.ToPlan(await _client.PlanAsync(Selection, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// The messages of a topic, decoded, in order of log time. Equal log times come in order of vehicle,
    /// recording, lane and record: the order of a channel is kept, and two readings give the same. Fetches
    /// ahead, within <see cref="AvClientOptions.PrefetchChunks"/>; a lost connection is made again where the
    /// reading stands.
    /// </summary>
    /// <typeparam name="T">A generated protobuf message.</typeparam>
    /// <param name="topic">A topic, or a glob, among those of the query.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AvQueryException">
    /// The topic is unknown or of another type, the gateway is gone for good, a chunk is damaged: see
    /// <see cref="AvQueryException.Error"/>.
    /// </exception>
    public IAsyncEnumerable<Message<T>> ReadAsync<T>(string topic, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() =>
        ReadTypedAsync(Reading(topic), ProtobufPayload<T>.Instance, cancellationToken);

    /// <summary>As <see cref="ReadAsync{T}"/>, for payloads in JSON.</summary>
    /// <typeparam name="T">A type with source-generated JSON metadata.</typeparam>
    /// <param name="topic">A topic, or a glob, among those of the query.</param>
    /// <param name="type">For example <c>MyJsonContext.Default.PlannerState</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AvQueryException">As for <see cref="ReadAsync{T}"/>.</exception>
    public IAsyncEnumerable<Message<T?>> ReadJsonAsync<T>(
        string topic, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        return ReadTypedAsync(Reading(topic), new JsonPayload<T>(type), cancellationToken);
    }

    /// <summary>
    /// The messages of all selected topics as they were recorded, merged in order of log time; the order is
    /// that of <see cref="ReadAsync{T}"/>. A payload is borrowed until the next message is asked for.
    /// </summary>
    /// <exception cref="AvQueryException">As for <see cref="ReadAsync{T}"/>.</exception>
    public async IAsyncEnumerable<RawMessage> ReadRawAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MessageReader reader = _client.OpenReader(Reading(topic: null));
        await using (reader.ConfigureAwait(false))
        {
            do
            {
                while (reader.TryRead(out MergedMessage merged))
                    yield return new RawMessage(merged);
            }
            while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>
    /// The selection as one standard MCAP file, streamed from the gateway's export link. The stream is the
    /// caller's to dispose; it is read forwards only.
    /// </summary>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public Task<Stream> OpenMcapAsync(CancellationToken cancellationToken) =>
        _client.Export.OpenAsync(Selection, cancellationToken);

    /// <summary>
    /// The link under which the gateway gives the selection as one MCAP file: for a viewer, a browser, or
    /// curl.
    /// </summary>
    public Uri ExportLink => _client.Export.LinkTo(Selection);

    /// <summary>
    /// Asks the vehicles for the announced chunks of the selection that are not stored yet.
    /// </summary>
    /// <exception cref="AvQueryException">The gateway is not there, or refuses.</exception>
    public async Task<RequestedChunks> RequestAsync(CancellationToken cancellationToken)
    {
        V1.RequestReply reply = await _client.RequestAsync(Selection, cancellationToken)
            .ConfigureAwait(false);
        return new RequestedChunks(reply.RequestedChunks, reply.RequestedBytes, reply.ReachableChunks);
    }

    private async IAsyncEnumerable<Message<T>> ReadTypedAsync<T>(
        ReadingSpec spec, PayloadType<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MessageReader reader = _client.OpenReader(
            spec with { FitsType = type.Fits, TypeName = type.Name });
        await using (reader.ConfigureAwait(false))
        {
            do
            {
                while (reader.TryRead(out MergedMessage merged))
                    yield return new Message<T>(merged, type.Decode(merged));
            }
            while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>What to read; a topic narrows the query's own.</summary>
    private ReadingSpec Reading(string? topic)
    {
        V1.Selection selection = Selection.Clone();
        string[] patterns = [.. selection.Topics];
        if (topic is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(topic);
            if (!TopicGlob.IsGlob(topic) && !TopicGlob.FitsAny(patterns, topic))
            {
                throw new AvQueryException(AvQueryError.UnknownTopic,
                    $"The query selects {string.Join(", ", patterns)}, and {topic} is not among them: "
                    + "add it to Topics, or read one of those.");
            }

            selection.Topics.Clear();
            selection.Topics.Add(topic);
        }

        ulong fingerprint = Fingerprint(selection, topic is null ? [] : patterns);
        if (Position is { } position && position.QueryFingerprint != fingerprint)
        {
            throw new AvQueryException(AvQueryError.Position,
                $"The position {position} is of another query. Build the query as it was when the position "
                + "was taken (vehicles, recordings, times, topics), and read it in the same way.");
        }

        return new ReadingSpec(selection, patterns, fingerprint, Position);
    }

    private static ulong Fingerprint(V1.Selection selection, string[] patterns)
    {
        V1.Selection all = selection.Clone();
        all.ClearAsOf();
        all.Topics.AddRange(patterns);
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(all.ToByteArray()));
    }

    private AvQuery With(Action<V1.Selection> change)
    {
        V1.Selection selection = Selection.Clone();
        change(selection);
        return this with { Selection = selection };
    }

    private static IEnumerable<string> NoneEmpty(IEnumerable<string> values, string parameter) =>
        values.Select(value => string.IsNullOrEmpty(value)
            ? throw new ArgumentException("An empty name selects nothing: leave it out.", parameter)
            : value);

    private static AvQueryException WrongWayRound(string from, string to) => new(AvQueryError.TimeRange,
        $"The time range is the wrong way round: from {from} to {to}. Swap them; the end is exclusive.");
}
