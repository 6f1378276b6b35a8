namespace AvSdk.Gateway.Index;

/// <summary>
/// The tables. Times are unsigned 64-bit nanoseconds in columns that SQLite compares as signed: they are kept
/// with the top bit flipped (<see cref="SqliteTime"/>), so that every MCAP time sorts. Recording ids are
/// lower-case text. A chunk with a null ordinal is announced, with one it is stored.
/// </summary>
internal static class SqliteSchema
{
    public const int Version = 2;

    public const string Create = """
        CREATE TABLE recordings(
            id INTEGER PRIMARY KEY,
            uuid TEXT NOT NULL UNIQUE,
            vehicle TEXT NOT NULL,
            info BLOB NOT NULL,
            ending BLOB);
        CREATE INDEX recordings_by_vehicle ON recordings(vehicle, uuid);

        CREATE TABLE schemas(
            id INTEGER PRIMARY KEY,
            sha256 BLOB NOT NULL UNIQUE,
            name TEXT NOT NULL,
            encoding TEXT NOT NULL,
            data BLOB NOT NULL);

        CREATE TABLE channels(
            recording INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            topic TEXT NOT NULL,
            lane TEXT NOT NULL,
            message_encoding TEXT NOT NULL,
            schema_id INTEGER NOT NULL,
            schema_sha256 BLOB NOT NULL,
            definition BLOB NOT NULL,
            PRIMARY KEY(recording, channel)) WITHOUT ROWID;
        CREATE INDEX channels_by_topic ON channels(topic, recording);

        CREATE TABLE packs(
            recording INTEGER NOT NULL,
            number INTEGER NOT NULL,
            sealed INTEGER NOT NULL,
            PRIMARY KEY(recording, number)) WITHOUT ROWID;
        CREATE INDEX packs_open ON packs(recording, number) WHERE sealed = 0;

        CREATE TABLE chunks(
            id INTEGER PRIMARY KEY,
            recording INTEGER NOT NULL,
            lane TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            ordinal INTEGER UNIQUE,
            wanted INTEGER NOT NULL DEFAULT 0,
            first_log_time INTEGER NOT NULL,
            last_log_time INTEGER NOT NULL,
            compression TEXT NOT NULL,
            uncompressed_bytes INTEGER NOT NULL,
            body_bytes INTEGER NOT NULL,
            previous_sha256 BLOB NOT NULL,
            sha256 BLOB NOT NULL,
            pack INTEGER,
            body_offset INTEGER,
            UNIQUE(recording, lane, sequence));
        CREATE INDEX chunks_by_time ON chunks(recording, first_log_time);
        CREATE INDEX chunks_by_pack ON chunks(recording, pack) WHERE pack IS NOT NULL;
        CREATE INDEX chunks_wanted ON chunks(recording) WHERE wanted = 1 AND ordinal IS NULL;

        CREATE TABLE chunk_channels(
            chunk INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            payload_bytes INTEGER NOT NULL,
            PRIMARY KEY(chunk, channel)) WITHOUT ROWID;
        """;

    /// <summary>What layout 2 has and layout 1 has not: ledgers, entry by entry as they were told.</summary>
    public const string AddLedgers = """
        CREATE TABLE ledger_parts(
            recording INTEGER NOT NULL,
            part INTEGER NOT NULL,
            through INTEGER NOT NULL,
            head BLOB NOT NULL,
            refused TEXT NOT NULL DEFAULT '',
            PRIMARY KEY(recording, part)) WITHOUT ROWID;

        CREATE TABLE ledger_entries(
            recording INTEGER NOT NULL,
            part INTEGER NOT NULL,
            number INTEGER NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY(recording, part, number)) WITHOUT ROWID;
        """;
}
