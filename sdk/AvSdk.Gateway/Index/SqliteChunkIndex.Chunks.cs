using AvSdk.Contracts.V1;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Chunk rows, by name.</summary>
public sealed partial class SqliteChunkIndex
{
    private const string ChunkColumns =
        """
        c.id, r.uuid, c.lane, c.sequence, c.first_log_time, c.last_log_time, c.compression,
        c.uncompressed_bytes, c.body_bytes, c.previous_sha256, c.sha256, c.ordinal, c.pack,
        c.body_offset, r.vehicle
        """;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IndexedChunk?>> FindChunksAsync(
        IReadOnlyList<ChunkKey> keys, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<IndexedChunk?>>(
            connection =>
            {
                using SqliteCommand find = connection.Command(
                    $"""
                    SELECT {ChunkColumns} FROM chunks c JOIN recordings r ON r.id = c.recording
                    WHERE c.recording = (SELECT id FROM recordings WHERE uuid = $uuid)
                      AND c.lane = $lane AND c.sequence = $sequence
                    """,
                    ("$uuid", ""), ("$lane", ""), ("$sequence", 0L));
                List<IndexedChunk?> found = new(keys.Count);
                foreach (ChunkKey key in keys)
                {
                    find.Parameters[0].Value = RecordingIds.Text(key.RecordingId);
                    find.Parameters[1].Value = key.Lane;
                    find.Parameters[2].Value = (long)key.Sequence;
                    found.Add(ReadChunks(connection, find).FirstOrDefault());
                }

                return found;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AnnounceAsync(
        IReadOnlyList<ChunkHeader> headers, CancellationToken cancellationToken) =>
        await WriteAsync(
            connection =>
            {
                using SqliteChunkWriter writer = new(connection);
                foreach (ChunkHeader header in headers)
                    writer.Announce(header);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync(
        IReadOnlyList<StoredChunk> chunks, CancellationToken cancellationToken) =>
        await WriteAsync<IReadOnlyList<StoreOutcome>>(
            connection =>
            {
                using SqliteChunkWriter writer = new(connection);
                return chunks.Select(writer.Store).ToArray();
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WantedChunks>> MarkWantedAsync(
        ChunkSelection selection, CancellationToken cancellationToken) =>
        await WriteAsync<IReadOnlyList<WantedChunks>>(
            connection =>
            {
                SelectionSql where = SelectionSql.Announced(selection);
                using SqliteCommand list = where.Command(
                    connection,
                    """
                    SELECT r.vehicle, r.uuid, c.lane, c.sequence, c.body_bytes {0}
                    ORDER BY r.vehicle, c.first_log_time, r.uuid, c.lane, c.sequence
                    """);
                using SqliteCommand mark = where.Command(
                    connection, "UPDATE chunks SET wanted = 1 WHERE id IN (SELECT c.id {0})");
                mark.ExecuteNonQuery();
                return
                [
                    .. list
                        .Rows(row => (Vehicle: row.GetString(0), Ref: ReadRef(row, 1), Bytes: row.Count(4)))
                        .GroupBy(chunk => chunk.Vehicle, StringComparer.Ordinal)
                        .Select(vehicle => new WantedChunks(
                            vehicle.Key,
                            [.. vehicle.Select(chunk => chunk.Ref)],
                            vehicle.Aggregate(0UL, (sum, chunk) => sum + chunk.Bytes))),
                ];
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ChunkRef>> ListWantedAsync(
        string vehicleId, int chunksMax, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<ChunkRef>>(
            connection =>
            {
                using SqliteCommand list = connection.Command(
                    """
                    SELECT r.uuid, c.lane, c.sequence FROM chunks c JOIN recordings r ON r.id = c.recording
                    WHERE c.wanted = 1 AND c.ordinal IS NULL AND r.vehicle = $vehicle
                    ORDER BY c.first_log_time, r.uuid, c.lane, c.sequence LIMIT $max
                    """,
                    ("$vehicle", vehicleId), ("$max", chunksMax));
                return list.Rows(row => ReadRef(row, 0));
            },
            cancellationToken);

    private static ChunkRef ReadRef(SqliteDataReader row, int column) => new()
    {
        RecordingId = RecordingIds.Write(Guid.Parse(row.GetString(column))),
        Lane = row.GetString(column + 1),
        Sequence = row.Count(column + 2),
    };

    private static List<IndexedChunk> ReadChunks(SqliteConnection connection, SqliteCommand command)
    {
        List<(long Id, IndexedChunk Chunk)> chunks = command.Rows(row => (row.GetInt64(0), ReadChunk(row)));
        using SqliteCommand channels = connection.Command(
            """
            SELECT channel, messages, payload_bytes FROM chunk_channels WHERE chunk = $chunk
            ORDER BY channel
            """,
            ("$chunk", 0L));
        foreach ((long id, IndexedChunk chunk) in chunks)
        {
            channels.Parameters[0].Value = id;
            chunk.Header.Channels.AddRange(channels.Rows(row => new ChunkChannel
            {
                ChannelId = (uint)row.GetInt64(0),
                Messages = row.Count(1),
                PayloadBytes = row.Count(2),
            }));
        }

        return chunks.ConvertAll(chunk => chunk.Chunk);
    }

    private static IndexedChunk ReadChunk(SqliteDataReader row) => new()
    {
        Header = new ChunkHeader
        {
            Ref = ReadRef(row, 1),
            FirstLogTime = row.Time(4),
            LastLogTime = row.Time(5),
            Compression = row.GetString(6),
            UncompressedBytes = row.Count(7),
            BodyBytes = row.Count(8),
            PreviousSha256 = ByteString.CopyFrom(row.Bytes(9)),
            Sha256 = ByteString.CopyFrom(row.Bytes(10)),
        },
        Ordinal = row.IsDBNull(11) ? null : row.Count(11),
        Location = row.IsDBNull(12) ? null : new PackLocation(row.GetInt32(12), row.GetInt64(13)),
        VehicleId = row.GetString(14),
    };
}
