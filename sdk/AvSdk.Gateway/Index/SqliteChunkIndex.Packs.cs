using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Which packs were begun and which are sealed.</summary>
public sealed partial class SqliteChunkIndex
{
    private const string OpenPacks =
        """
        SELECT r.vehicle, r.uuid, p.number,
               (SELECT max(c.body_offset + c.body_bytes) FROM chunks c
                WHERE c.recording = p.recording AND c.pack = p.number)
        FROM packs p JOIN recordings r ON r.id = p.recording
        WHERE p.sealed = 0
        """;

    /// <inheritdoc/>
    public async ValueTask<int> OpenPackAsync(
        Guid recordingId, int lastInStore, CancellationToken cancellationToken) =>
        await WriteAsync(
            connection => Convert.ToInt32(
                connection.Scalar(
                    """
                    INSERT INTO packs(recording, number, sealed)
                    SELECT r.id, 1 + max($last, coalesce(
                        (SELECT max(number) FROM packs WHERE recording = r.id), 0)), 0
                    FROM recordings r WHERE r.uuid = $uuid
                    RETURNING number
                    """,
                    ("$uuid", RecordingIds.Text(recordingId)), ("$last", lastInStore))
                    ?? throw new IndexConflictException($"Recording {recordingId} has not been defined."),
                CultureInfo.InvariantCulture),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask SealPackAsync(Guid recordingId, int number, CancellationToken cancellationToken) =>
        await WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO packs(recording, number, sealed)
                SELECT id, $number, 1 FROM recordings WHERE uuid = $uuid
                ON CONFLICT(recording, number) DO UPDATE SET sealed = 1
                """,
                ("$uuid", RecordingIds.Text(recordingId)), ("$number", number)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask NoteOpenPackAsync(
        Guid recordingId, int number, CancellationToken cancellationToken) =>
        await WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO packs(recording, number, sealed)
                SELECT id, $number, 0 FROM recordings WHERE uuid = $uuid
                ON CONFLICT(recording, number) DO NOTHING
                """,
                ("$uuid", RecordingIds.Text(recordingId)), ("$number", number)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RemovePackAsync(
        Guid recordingId, int number, CancellationToken cancellationToken) =>
        await WriteAsync(
            connection => connection.Execute(
                """
                DELETE FROM packs WHERE number = $number AND sealed = 0
                  AND recording = (SELECT id FROM recordings WHERE uuid = $uuid)
                  AND NOT EXISTS (SELECT 1 FROM chunks c
                      WHERE c.recording = packs.recording AND c.pack = packs.number)
                """,
                ("$uuid", RecordingIds.Text(recordingId)), ("$number", number)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<OpenPack>> ListOpenPacksAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<OpenPack>>(
            connection =>
            {
                using SqliteCommand list = connection.Command(OpenPacks + " ORDER BY r.uuid, p.number");
                return list.Rows(ReadOpenPack);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OpenPack?> FindOpenPackAsync(
        Guid recordingId, int number, CancellationToken cancellationToken) =>
        ReadAsync(
            connection =>
            {
                using SqliteCommand find = connection.Command(
                    OpenPacks + " AND r.uuid = $uuid AND p.number = $number",
                    ("$uuid", RecordingIds.Text(recordingId)), ("$number", number));
                return find.Rows(ReadOpenPack).FirstOrDefault();
            },
            cancellationToken);

    private static OpenPack ReadOpenPack(SqliteDataReader row) => new(
        row.GetString(0), Guid.Parse(row.GetString(1)), row.GetInt32(2),
        row.IsDBNull(3) ? 0 : row.GetInt64(3));
}
