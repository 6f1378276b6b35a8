using AvSdk.Contracts.V1;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Writes chunk rows in the transaction that is open; its statements are prepared once.</summary>
internal sealed class SqliteChunkWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _recording;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _clearChannels;
    private readonly SqliteCommand _addChannel;
    private long _lastOrdinal = -1;

    public SqliteChunkWriter(SqliteConnection connection)
    {
        _connection = connection;
        _recording = connection.Command("SELECT id FROM recordings WHERE uuid = $uuid", ("$uuid", ""));
        _find = connection.Command(
            """
            SELECT id, ordinal, sha256 FROM chunks
            WHERE recording = $recording AND lane = $lane AND sequence = $sequence
            """,
            ("$recording", 0L), ("$lane", ""), ("$sequence", 0L));
        _insert = WithColumns(
            """
            INSERT INTO chunks(recording, lane, sequence, ordinal, first_log_time, last_log_time, compression,
                uncompressed_bytes, body_bytes, previous_sha256, sha256, pack, body_offset)
            VALUES($recording, $lane, $sequence, $ordinal, $first, $last, $compression,
                $uncompressed, $body, $previous, $sha256, $pack, $offset)
            RETURNING id
            """);
        _update = WithColumns(
            """
            UPDATE chunks SET ordinal = $ordinal, first_log_time = $first, last_log_time = $last,
                compression = $compression, uncompressed_bytes = $uncompressed, body_bytes = $body,
                previous_sha256 = $previous, sha256 = $sha256, pack = $pack, body_offset = $offset
            WHERE recording = $recording AND lane = $lane AND sequence = $sequence
            RETURNING id
            """);
        _clearChannels = connection.Command(
            "DELETE FROM chunk_channels WHERE chunk = $chunk", ("$chunk", 0L));
        _addChannel = connection.Command(
            """
            INSERT INTO chunk_channels(chunk, channel, messages, payload_bytes)
            VALUES($chunk, $channel, $messages, $bytes)
            """,
            ("$chunk", 0L), ("$channel", 0L), ("$messages", 0L), ("$bytes", 0L));
    }

    public void Announce(ChunkHeader header)
    {
        long recording = FindRecording(header);
        (long Id, bool IsStored, byte[] Sha256)? row = FindRow(recording, header);
        if (row is { IsStored: true } || (row is { } known && header.Sha256.Span.SequenceEqual(known.Sha256)))
            return;
        Write(row is null ? _insert : _update, recording, header, ordinal: null, location: null);
    }

    public StoreOutcome Store(StoredChunk chunk)
    {
        long recording = FindRecording(chunk.Header);
        (long Id, bool IsStored, byte[] Sha256)? row = FindRow(recording, chunk.Header);
        if (row is { IsStored: true } stored)
        {
            return chunk.Header.Sha256.Span.SequenceEqual(stored.Sha256)
                ? StoreOutcome.AlreadyStored
                : StoreOutcome.Conflict;
        }

        if (_lastOrdinal < 0)
            _lastOrdinal = _connection.Scalar("SELECT max(ordinal) FROM chunks") is long last ? last : 0;
        _lastOrdinal++;
        Write(row is null ? _insert : _update, recording, chunk.Header, _lastOrdinal, chunk.Location);
        return StoreOutcome.Stored;
    }

    public void Dispose()
    {
        _recording.Dispose();
        _find.Dispose();
        _insert.Dispose();
        _update.Dispose();
        _clearChannels.Dispose();
        _addChannel.Dispose();
    }

    private void Write(
        SqliteCommand command, long recording, ChunkHeader header, long? ordinal, PackLocation? location)
    {
        SqliteParameterCollection p = command.Parameters;
        p["$recording"].Value = recording;
        p["$lane"].Value = header.Ref.Lane;
        p["$sequence"].Value = (long)header.Ref.Sequence;
        p["$ordinal"].Value = (object?)ordinal ?? DBNull.Value;
        p["$first"].Value = SqliteTime.Write(header.FirstLogTime);
        p["$last"].Value = SqliteTime.Write(header.LastLogTime);
        p["$compression"].Value = header.Compression;
        p["$uncompressed"].Value = (long)header.UncompressedBytes;
        p["$body"].Value = (long)header.BodyBytes;
        p["$previous"].Value = header.PreviousSha256.ToByteArray();
        p["$sha256"].Value = header.Sha256.ToByteArray();
        p["$pack"].Value = (object?)location?.Pack ?? DBNull.Value;
        p["$offset"].Value = (object?)location?.BodyOffset ?? DBNull.Value;
        WriteChannels((long)command.ExecuteScalar()!, header);
    }

    private void WriteChannels(long chunk, ChunkHeader header)
    {
        _clearChannels.Parameters[0].Value = chunk;
        _clearChannels.ExecuteNonQuery();
        foreach (ChunkChannel channel in header.Channels)
        {
            _addChannel.Parameters[0].Value = chunk;
            _addChannel.Parameters[1].Value = (long)channel.ChannelId;
            _addChannel.Parameters[2].Value = (long)channel.Messages;
            _addChannel.Parameters[3].Value = (long)channel.PayloadBytes;
            _addChannel.ExecuteNonQuery();
        }
    }

    private long FindRecording(ChunkHeader header)
    {
        Guid recordingId = RecordingIds.Read(header.Ref.RecordingId);
        _recording.Parameters[0].Value = RecordingIds.Text(recordingId);
        return _recording.ExecuteScalar() is long id
            ? id
            : throw new IndexConflictException($"Recording {recordingId} has not been defined.");
    }

    private (long Id, bool IsStored, byte[] Sha256)? FindRow(long recording, ChunkHeader header)
    {
        _find.Parameters[0].Value = recording;
        _find.Parameters[1].Value = header.Ref.Lane;
        _find.Parameters[2].Value = (long)header.Ref.Sequence;
        using SqliteDataReader reader = _find.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), !reader.IsDBNull(1), reader.Bytes(2)) : null;
    }

    private SqliteCommand WithColumns(string text) => _connection.Command(
        text,
        ("$recording", 0L), ("$lane", ""), ("$sequence", 0L), ("$ordinal", null), ("$first", 0L),
        ("$last", 0L), ("$compression", ""), ("$uncompressed", 0L), ("$body", 0L),
        ("$previous", null), ("$sha256", null), ("$pack", null), ("$offset", null));
}
