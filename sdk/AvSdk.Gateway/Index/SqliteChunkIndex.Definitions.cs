using AvSdk.Contracts.V1;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Recordings, schemas, channels and ends.</summary>
public sealed partial class SqliteChunkIndex
{
    /// <inheritdoc/>
    public async ValueTask DefineAsync(
        RecordingInfo recording,
        IReadOnlyList<SchemaDefinition> schemas,
        IReadOnlyList<ChannelDefinition> channels,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recording);
        await WriteAsync(
            connection =>
            {
                long id = AddRecording(connection, recording);
                foreach (SchemaDefinition schema in schemas)
                    AddSchema(connection, schema);
                foreach (ChannelDefinition channel in channels)
                    AddChannel(connection, id, channel);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<RecordingDefinitions?> FindRecordingAsync(
        Guid recordingId, CancellationToken cancellationToken) =>
        ReadAsync(connection => FindRecording(connection, recordingId), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<byte[]>> FindMissingSchemasAsync(
        IReadOnlyList<byte[]> sha256, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<byte[]>>(
            connection =>
            [
                .. sha256.Where(hash => connection.Scalar(
                    "SELECT 1 FROM schemas WHERE sha256 = $hash", ("$hash", hash)) is null),
            ],
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask EndAsync(RecordingEnd end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(end);
        Guid recordingId = RecordingIds.Read(end.RecordingId);
        await WriteAsync(
            connection => connection.Execute(
                "UPDATE recordings SET ending = $ending WHERE uuid = $uuid",
                ("$ending", end.ToByteArray()),
                ("$uuid", RecordingIds.Text(recordingId))) == 1
                ? true
                : throw new IndexConflictException($"Recording {recordingId} has not been defined."),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> IsCompleteAsync(Guid recordingId, CancellationToken cancellationToken) =>
        ReadAsync(
            connection => connection.Scalar(
                    "SELECT ending FROM recordings WHERE uuid = $uuid",
                    ("$uuid", RecordingIds.Text(recordingId)))
                is byte[] ending
                && RecordingEnd.Parser.ParseFrom(ending).Lanes.All(lane =>
                    (ulong)(long)connection.Scalar(
                        """
                        SELECT count(*) FROM chunks
                        WHERE recording = (SELECT id FROM recordings WHERE uuid = $uuid)
                          AND lane = $lane AND ordinal IS NOT NULL AND sequence <= $last
                        """,
                        ("$uuid", RecordingIds.Text(recordingId)),
                        ("$lane", lane.Lane),
                        ("$last", (long)lane.LastSequence))! >= lane.LastSequence),
            cancellationToken);

    private static long AddRecording(SqliteConnection connection, RecordingInfo recording)
    {
        Guid recordingId = RecordingIds.Read(recording.RecordingId);
        string uuid = RecordingIds.Text(recordingId);
        connection.Execute(
            """
            INSERT INTO recordings(uuid, vehicle, info) VALUES($uuid, $vehicle, $info)
            ON CONFLICT(uuid) DO UPDATE SET info = excluded.info
            WHERE recordings.vehicle = excluded.vehicle AND recordings.info <> excluded.info
            """,
            ("$uuid", uuid), ("$vehicle", recording.VehicleId), ("$info", recording.ToByteArray()));
        using SqliteCommand find = connection.Command(
            "SELECT id, vehicle FROM recordings WHERE uuid = $uuid", ("$uuid", uuid));
        (long id, string vehicle) = find.Rows(row => (row.GetInt64(0), row.GetString(1)))[0];
        if (vehicle != recording.VehicleId)
        {
            throw new IndexConflictException(
                $"Recording {recordingId} is of vehicle {vehicle}, not of {recording.VehicleId}.");
        }

        return id;
    }

    private static void AddSchema(SqliteConnection connection, SchemaDefinition schema) =>
        connection.Execute(
            """
            INSERT INTO schemas(sha256, name, encoding, data) VALUES($sha256, $name, $encoding, $data)
            ON CONFLICT(sha256) DO NOTHING
            """,
            ("$sha256", schema.Sha256.ToByteArray()),
            ("$name", schema.Name),
            ("$encoding", schema.Encoding),
            ("$data", schema.Data.ToByteArray()));

    private static void AddChannel(SqliteConnection connection, long recording, ChannelDefinition channel)
    {
        object? known = connection.Scalar(
            "SELECT definition FROM channels WHERE recording = $recording AND channel = $channel",
            ("$recording", recording), ("$channel", (long)channel.ChannelId));
        if (known is byte[] bytes)
        {
            ChannelDefinition before = ChannelDefinition.Parser.ParseFrom(bytes);
            if (!before.Equals(channel))
            {
                throw new IndexConflictException(
                    $"Channel {channel.ChannelId} is defined as {before.Topic} ({before.MessageEncoding}, "
                    + $"lane {before.Lane}) and told again as {channel.Topic} ({channel.MessageEncoding}, lane "
                    + $"{channel.Lane}); a channel's definition never changes in a recording.");
            }

            return;
        }

        byte[] hash = channel.SchemaSha256.ToByteArray();
        if (channel.SchemaId != 0 && connection.Scalar(
                """
                SELECT topic FROM channels
                WHERE recording = $recording AND schema_id = $schema AND schema_sha256 <> $hash
                """,
                ("$recording", recording), ("$schema", (long)channel.SchemaId), ("$hash", hash))
                is string other)
        {
            throw new IndexConflictException(
                $"Channel {channel.ChannelId} ({channel.Topic}) uses schema id {channel.SchemaId}, which is "
                + $"another schema on {other}; a schema id means one schema in a recording.");
        }

        connection.Execute(
            """
            INSERT INTO channels(
                recording, channel, topic, lane, message_encoding, schema_id, schema_sha256, definition)
            VALUES($recording, $channel, $topic, $lane, $encoding, $schema, $hash, $definition)
            """,
            ("$recording", recording),
            ("$channel", (long)channel.ChannelId),
            ("$topic", channel.Topic),
            ("$lane", channel.Lane),
            ("$encoding", channel.MessageEncoding),
            ("$schema", (long)channel.SchemaId),
            ("$hash", hash),
            ("$definition", channel.ToByteArray()));
    }

    private static RecordingDefinitions? FindRecording(SqliteConnection connection, Guid recordingId)
    {
        using SqliteCommand find = connection.Command(
            "SELECT id, info, ending FROM recordings WHERE uuid = $uuid",
            ("$uuid", RecordingIds.Text(recordingId)));
        (long Id, byte[] Info, byte[]? Ending)[] found =
        [
            .. find.Rows(row => (row.GetInt64(0), row.Bytes(1), row.IsDBNull(2) ? null : row.Bytes(2))),
        ];
        if (found.Length == 0)
            return null;

        (long id, byte[] info, byte[]? ending) = found[0];
        using SqliteCommand channels = connection.Command(
            "SELECT definition FROM channels WHERE recording = $id ORDER BY channel", ("$id", id));
        using SqliteCommand schemas = connection.Command(
            """
            SELECT s.sha256, s.name, s.encoding, s.data FROM schemas s
            JOIN (SELECT schema_sha256 AS hash, min(schema_id) AS id FROM channels
                  WHERE recording = $id GROUP BY schema_sha256) used ON used.hash = s.sha256
            ORDER BY used.id
            """,
            ("$id", id));
        return new RecordingDefinitions
        {
            Info = RecordingInfo.Parser.ParseFrom(info),
            End = ending is null ? null : RecordingEnd.Parser.ParseFrom(ending),
            Channels = channels.Rows(row => ChannelDefinition.Parser.ParseFrom(row.Bytes(0))),
            Schemas = schemas.Rows(row => new SchemaDefinition
            {
                Sha256 = ByteString.CopyFrom(row.Bytes(0)),
                Name = row.GetString(1),
                Encoding = row.GetString(2),
                Data = ByteString.CopyFrom(row.Bytes(3)),
            }),
        };
    }
}
