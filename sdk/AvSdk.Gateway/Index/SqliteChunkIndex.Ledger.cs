using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Ledgers.</summary>
public sealed partial class SqliteChunkIndex
{
    /// <inheritdoc/>
    public ValueTask<LedgerNoted> NoteLedgerAsync(TellLedger told, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(told);
        return told.Entries.Count == 0
            ? ReadAsync(connection => new SqliteLedger(connection, told).Ask(), cancellationToken)
            : WriteAsync(connection => new SqliteLedger(connection, told).Add(), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<LedgerSources?> ReadLedgerAsync(Guid recordingId, CancellationToken cancellationToken) =>
        ReadAsync(connection => ReadLedger(connection, recordingId), cancellationToken);

    private static LedgerSources? ReadLedger(SqliteConnection connection, Guid recordingId)
    {
        if (FindRecording(connection, recordingId) is not { } known)
            return null;
        string uuid = RecordingIds.Text(recordingId);
        using SqliteCommand list = connection.Command(
            """
            SELECT e.part, e.content FROM ledger_entries e JOIN recordings r ON r.id = e.recording
            WHERE r.uuid = $uuid ORDER BY e.part, e.number
            """,
            ("$uuid", uuid));
        List<(uint Part, LedgerEntry Entry)> entries =
            list.Rows(row => ((uint)row.GetInt64(0), LedgerEntry.Parser.ParseFrom(row.Bytes(1))));
        using SqliteCommand parts = connection.Command(
            """
            SELECT p.part, p.through, p.head, p.refused FROM ledger_parts p JOIN recordings r ON r.id = p.recording
            WHERE r.uuid = $uuid ORDER BY p.part
            """,
            ("$uuid", uuid));
        return new LedgerSources
        {
            Recording = known.Info,
            IsAtGateway = true,
            End = known.End,
            Channels = known.Channels,
            Entries = entries.ConvertAll(entry => entry.Entry),
            Parts = parts.Rows(row => LedgerParts.Summarise(
                (uint)row.GetInt64(0),
                entries.Where(entry => entry.Part == (uint)row.GetInt64(0)).Select(entry => entry.Entry),
                ByteString.CopyFrom(row.Bytes(2)),
                row.GetString(3))),
            Chunks = ReadFacts(connection, uuid),
        };
    }

    private static List<LedgerChunkFact> ReadFacts(SqliteConnection connection, string uuid)
    {
        using SqliteCommand list = connection.Command(
            """
            SELECT c.lane, c.sequence, c.ordinal IS NOT NULL, c.first_log_time, c.last_log_time, c.sha256,
                   k.channel, k.messages
            FROM chunks c JOIN recordings r ON r.id = c.recording JOIN chunk_channels k ON k.chunk = c.id
            WHERE r.uuid = $uuid ORDER BY c.id
            """,
            ("$uuid", uuid));
        List<LedgerChunkFact> facts = [];
        List<ChunkChannel> channels = [];
        using SqliteDataReader row = list.ExecuteReader();
        while (row.Read())
        {
            string lane = row.GetString(0);
            ulong sequence = row.Count(1);
            if (facts.Count == 0 || facts[^1].Sequence != sequence || facts[^1].Lane != lane)
            {
                channels = [];
                facts.Add(new LedgerChunkFact(
                    lane, sequence, row.GetInt64(2) != 0, row.Time(3), row.Time(4), ByteString.CopyFrom(row.Bytes(5)),
                    channels));
            }

            channels.Add(new ChunkChannel { ChannelId = (uint)row.GetInt64(6), Messages = row.Count(7) });
        }

        return facts;
    }
}
