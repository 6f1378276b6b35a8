using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>One message about a recording's ledger, in the transaction that is open.</summary>
internal sealed class SqliteLedger
{
    private readonly SqliteConnection _connection;
    private readonly TellLedger _told;
    private readonly long _recording;
    private readonly RecordingInfo _info;

    public SqliteLedger(SqliteConnection connection, TellLedger told)
    {
        _connection = connection;
        _told = told;
        Guid recordingId = RecordingIds.Read(told.RecordingId);
        using SqliteCommand find = connection.Command(
            "SELECT id, info FROM recordings WHERE uuid = $uuid", ("$uuid", RecordingIds.Text(recordingId)));
        (_recording, _info) = find.Rows(row => (row.GetInt64(0), RecordingInfo.Parser.ParseFrom(row.Bytes(1))))
            is [var found, ..]
            ? found
            : throw new IndexConflictException($"Recording {recordingId} has not been defined.");
    }

    /// <summary>How far it goes.</summary>
    public LedgerNoted Ask() => ToNoted(Last(), "");

    /// <summary>Adds the entries that are not here, if all of them follow.</summary>
    public LedgerNoted Add()
    {
        LedgerChain chain = Last();
        List<(LedgerChain Chain, ByteString Bytes)> added = [];
        ulong index = _told.FirstIndex;
        foreach (ByteString bytes in _told.Entries)
        {
            if (Find(_told.Part, index) is { } known)
            {
                if (!known.AsSpan().SequenceEqual(bytes.Span))
                {
                    return Refuse(
                        $"entry {index} of part {_told.Part} was told before with another content: "
                        + "two vehicles, or a spool and its copy, write one ledger");
                }
            }
            else if (TryTake(ref chain, index, bytes) is { } problem)
            {
                return Refuse($"entry {index} of part {_told.Part} does not follow: {problem}");
            }
            else
            {
                added.Add((chain, bytes));
            }

            index++;
        }

        foreach ((LedgerChain after, ByteString bytes) in added)
        {
            _connection.Execute(
                "INSERT INTO ledger_entries(recording, part, number, content) VALUES($recording, $part, $number, $content)",
                ("$recording", _recording), ("$part", (long)after.Part), ("$number", (long)after.Index),
                ("$content", bytes.ToByteArray()));
        }

        if (added.Count > 0)
        {
            _connection.Execute(
                """
                INSERT INTO ledger_parts(recording, part, through, head) VALUES($recording, $part, $through, $head)
                ON CONFLICT(recording, part) DO UPDATE SET through = $through, head = $head
                """,
                ("$recording", _recording), ("$part", (long)chain.Part), ("$through", (long)chain.Index),
                ("$head", chain.Head.ToByteArray()));
        }

        return ToNoted(chain, "");
    }

    private string? TryTake(ref LedgerChain chain, ulong index, ByteString bytes)
    {
        if (LedgerChain.Parse(bytes.Span) is not { } entry)
            return "it is no entry";
        if (entry.Index != index || (entry.Began is { } began && began.Part != _told.Part)
            || (entry.Began is null && chain.Part != _told.Part))
        {
            return $"it is entry {entry.Index} of another place";
        }

        if (entry.Began is { } beginning && !beginning.Recording.RecordingId.Equals(_info.RecordingId))
            return "it begins the ledger of another recording";
        if (entry.Began is { } named && named.Recording.VehicleId != _info.VehicleId)
            return $"it begins the ledger of vehicle {named.Recording.VehicleId}";
        if (entry.Began is not null && !IsHash(entry.PreviousSha256, _told.Part))
            return "previous_sha256 is the hash of no entry of a part before";
        if (chain.Take(entry, bytes.Span, out string problem) is not { } next)
            return problem;
        chain = next;
        return null;
    }

    // A part is begun rarely: the entries before are hashed again.
    private bool IsHash(ByteString sha256, uint part)
    {
        if (sha256.Equals(LedgerChain.Zero))
            return true;
        using SqliteCommand list = _connection.Command(
            "SELECT content FROM ledger_entries WHERE recording = $recording AND part < $part",
            ("$recording", _recording), ("$part", (long)part));
        return list.Rows(row => LedgerChain.Hash(row.Bytes(0))).Contains(sha256);
    }

    private LedgerChain Last()
    {
        using SqliteCommand last = _connection.Command(
            "SELECT part, through, head FROM ledger_parts WHERE recording = $recording ORDER BY part DESC LIMIT 1",
            ("$recording", _recording));
        return last.Rows(row => new LedgerChain
        {
            Part = (uint)row.GetInt64(0),
            Index = row.Count(1),
            Head = ByteString.CopyFrom(row.Bytes(2)),
        }) is [var chain, ..] ? chain : LedgerChain.Empty;
    }

    private byte[]? Find(uint part, ulong index) => _connection.Scalar(
        "SELECT content FROM ledger_entries WHERE recording = $recording AND part = $part AND number = $number",
        ("$recording", _recording), ("$part", (long)part), ("$number", (long)index)) as byte[];

    // For the report: what was taken before stays.
    private LedgerNoted Refuse(string reason)
    {
        _connection.Execute(
            "UPDATE ledger_parts SET refused = $refused WHERE recording = $recording AND part = $part",
            ("$refused", reason), ("$recording", _recording), ("$part", (long)_told.Part));
        return ToNoted(Last(), reason);
    }

    private LedgerNoted ToNoted(LedgerChain chain, string refused) => new()
    {
        RecordingId = _told.RecordingId,
        Part = chain.Part,
        ThroughIndex = chain.Index,
        HeadSha256 = chain.Head,
        Refused = refused,
    };
}
