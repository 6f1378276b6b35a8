using System.Runtime.CompilerServices;
using AvSdk.Contracts.V1;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Reading by selection.</summary>
public sealed partial class SqliteChunkIndex
{
    private const int ReadBatchChunks = 128;

    /// <inheritdoc/>
    public ValueTask<ulong> GetLastOrdinalAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            connection => connection.Scalar("SELECT max(ordinal) FROM chunks") is long last ? (ulong)last : 0,
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListTopicNamesAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<string>>(
            connection =>
            {
                using SqliteCommand list = SelectionSql.Recordings(selection).Command(
                    connection,
                    """
                    SELECT DISTINCT topic FROM channels WHERE recording IN (SELECT r.id {0})
                    ORDER BY topic
                    """);
                return list.Rows(row => row.GetString(0));
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SelectionTotals> GetTotalsAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        ReadAsync(
            connection =>
            {
                using SqliteCommand sum = SelectionSql.Any(selection).Command(
                    connection,
                    """
                    SELECT count(c.ordinal), sum(iif(c.ordinal IS NULL, 0, c.body_bytes)),
                           count(*) - count(c.ordinal), sum(iif(c.ordinal IS NULL, c.body_bytes, 0)) {0}
                    """);
                return sum.Rows(row => new SelectionTotals(
                    row.Count(0), row.Count(1), row.Count(2), row.Count(3)))[0];
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicSummary>> ListTopicsAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<TopicSummary>>(
            connection =>
            {
                using SqliteCommand list = SelectionSql.Any(selection).Command(
                    connection,
                    """
                    SELECT n.topic, coalesce(s.name, ''), coalesce(s.encoding, ''), n.message_encoding,
                           n.lane,
                           sum(iif(p.ordinal IS NULL, 0, k.messages)),
                           sum(iif(p.ordinal IS NULL, 0, k.payload_bytes)),
                           min(p.first_log_time), max(p.last_log_time),
                           sum(iif(p.ordinal IS NULL, k.messages, 0))
                    FROM (SELECT c.id, c.recording, c.ordinal, c.first_log_time, c.last_log_time {0}) p
                    JOIN chunk_channels k ON k.chunk = p.id
                    JOIN channels n ON n.recording = p.recording AND n.channel = k.channel
                    LEFT JOIN schemas s ON s.sha256 = n.schema_sha256
                    GROUP BY n.topic, s.name, s.encoding, n.message_encoding, n.lane
                    ORDER BY n.topic, n.lane
                    """);
                IEnumerable<TopicSummary> topics = list.Rows(ReadTopic);
                if (selection.Topics is { } names)
                {
                    HashSet<string> wanted = [.. names];
                    topics = topics.Where(topic => wanted.Contains(topic.Topic));
                }

                return [.. topics];
            },
            cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<IndexedChunk> ReadStoredAsync(
        ChunkSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Row ids first, so that no read transaction stays open (and the log behind it grows) while a slow
        // reader takes its time; a stored row never changes.
        List<long> ids = await ReadAsync(
            connection =>
            {
                using SqliteCommand list = SelectionSql.Stored(selection).Command(
                    connection,
                    "SELECT c.id {0} ORDER BY c.first_log_time, r.vehicle, r.uuid, c.lane, c.sequence");
                return list.Rows(row => row.GetInt64(0));
            },
            cancellationToken).ConfigureAwait(false);

        for (int at = 0; at < ids.Count; at += ReadBatchChunks)
        {
            List<long> batch = ids.GetRange(at, Math.Min(ReadBatchChunks, ids.Count - at));
            List<IndexedChunk> chunks = await ReadAsync(
                connection => ReadByIds(connection, batch), cancellationToken).ConfigureAwait(false);
            foreach (IndexedChunk chunk in chunks)
                yield return chunk;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<VehicleSummary>> ListVehiclesAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<VehicleSummary>>(
            connection =>
            {
                using SqliteCommand list = connection.Command(
                    """
                    SELECT r.vehicle, count(DISTINCT r.id), count(c.ordinal),
                           sum(iif(c.ordinal IS NULL, 0, c.body_bytes)), count(c.id) - count(c.ordinal),
                           sum(iif(c.ordinal IS NULL, c.body_bytes, 0))
                    FROM recordings r LEFT JOIN chunks c ON c.recording = r.id
                    GROUP BY r.vehicle ORDER BY r.vehicle
                    """);
                return list.Rows(row => new VehicleSummary
                {
                    VehicleId = row.GetString(0),
                    Recordings = row.Count(1),
                    StoredChunks = row.Count(2),
                    StoredBytes = row.Count(3),
                    AnnouncedChunks = row.Count(4),
                    AnnouncedBytes = row.Count(5),
                });
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RecordingPage> ListRecordingsAsync(
        ChunkSelection selection, Guid? after, int pageSize, CancellationToken cancellationToken) =>
        ReadAsync(
            connection =>
            {
                SelectionSql where = selection is { Start: null, End: null, Topics: null }
                    ? SelectionSql.Recordings(selection)
                    : SelectionSql.Any(selection);
                if (after is { } last)
                    where.Add(" AND r.uuid < $after", "$after", RecordingIds.Text(last));
                where.Add("", "$limit", pageSize + 1);
                using SqliteCommand list = where.Command(
                    connection, "SELECT DISTINCT r.uuid {0} ORDER BY r.uuid DESC LIMIT $limit");
                List<Guid> ids = list.Rows(row => Guid.Parse(row.GetString(0)));
                bool more = ids.Count > pageSize;
                return new RecordingPage(
                    [.. ids.Take(pageSize).Select(id => Summarise(connection, id))],
                    more ? ids[pageSize - 1] : null);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CoverageRange>> GetCoverageAsync(
        ChunkSelection selection, int rangesMax, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<CoverageRange>>(
            connection =>
            {
                SelectionSql where = SelectionSql.Lanes(selection);
                where.Add("", "$limit", rangesMax);
                // Rows of one stretch share what is left when their number in it is taken from the sequence.
                using SqliteCommand list = where.Command(
                    connection,
                    """
                    SELECT uuid, vehicle, lane, min(first_log_time), max(last_log_time),
                           min(sequence), max(sequence), stored
                    FROM (SELECT r.uuid, r.vehicle, c.lane, c.first_log_time, c.last_log_time, c.sequence,
                                 c.ordinal IS NOT NULL AS stored,
                                 c.sequence - row_number() OVER (
                                     PARTITION BY c.recording, c.lane, c.ordinal IS NOT NULL
                                     ORDER BY c.sequence) AS stretch {0})
                    GROUP BY uuid, lane, stored, stretch
                    ORDER BY uuid, lane, min(sequence) LIMIT $limit
                    """);
                return list.Rows(row => new CoverageRange
                {
                    RecordingId = RecordingIds.Write(Guid.Parse(row.GetString(0))),
                    VehicleId = row.GetString(1),
                    Lane = row.GetString(2),
                    FirstLogTime = row.Time(3),
                    LastLogTime = row.Time(4),
                    FirstSequence = row.Count(5),
                    LastSequence = row.Count(6),
                    Stored = row.GetInt64(7) != 0,
                });
            },
            cancellationToken);

    private static List<IndexedChunk> ReadByIds(SqliteConnection connection, List<long> ids)
    {
        using SqliteCommand read = connection.Command(
            $"""
            SELECT {ChunkColumns} FROM json_each($ids) wanted
            CROSS JOIN chunks c ON c.id = wanted.value JOIN recordings r ON r.id = c.recording
            ORDER BY wanted.key
            """,
            ("$ids", $"[{string.Join(',', ids)}]"));
        return ReadChunks(connection, read);
    }

    private static TopicSummary ReadTopic(SqliteDataReader row) => new()
    {
        Topic = row.GetString(0),
        SchemaName = row.GetString(1),
        SchemaEncoding = row.GetString(2),
        MessageEncoding = row.GetString(3),
        Lane = row.GetString(4),
        Messages = row.Count(5),
        PayloadBytes = row.Count(6),
        FirstLogTime = row.Time(7),
        LastLogTime = row.Time(8),
        AnnouncedMessages = row.Count(9),
    };

    private static RecordingSummary Summarise(SqliteConnection connection, Guid recordingId)
    {
        using SqliteCommand sum = connection.Command(
            """
            SELECT r.info, r.ending, min(c.first_log_time), max(c.last_log_time), count(c.ordinal),
                   sum(iif(c.ordinal IS NULL, 0, c.body_bytes)), count(c.id) - count(c.ordinal),
                   sum(iif(c.ordinal IS NULL, c.body_bytes, 0)),
                   (SELECT sum(k.messages) FROM chunks h JOIN chunk_channels k ON k.chunk = h.id
                    WHERE h.recording = r.id AND h.ordinal IS NOT NULL)
            FROM recordings r LEFT JOIN chunks c ON c.recording = r.id
            WHERE r.uuid = $uuid GROUP BY r.id
            """,
            ("$uuid", RecordingIds.Text(recordingId)));
        return sum.Rows(row => new RecordingSummary
        {
            Recording = RecordingInfo.Parser.ParseFrom(row.Bytes(0)),
            End = row.IsDBNull(1) ? null : RecordingEnd.Parser.ParseFrom(row.Bytes(1)),
            FirstLogTime = row.IsDBNull(2) ? 0 : row.Time(2),
            LastLogTime = row.IsDBNull(3) ? 0 : row.Time(3),
            StoredChunks = row.Count(4),
            StoredBytes = row.Count(5),
            AnnouncedChunks = row.Count(6),
            AnnouncedBytes = row.Count(7),
            Messages = row.Count(8),
        })[0];
    }
}
