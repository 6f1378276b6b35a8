using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>
/// A <see cref="ChunkSelection"/> as <c>FROM … WHERE …</c> over chunks c and recordings r. The text is made
/// of constants; every value is a parameter, lists as JSON arrays.
/// </summary>
internal sealed class SelectionSql
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Name, object Value)> _parameters = [];

    private SelectionSql(ChunkSelection selection, string from)
    {
        _text.Append(from);
        if (selection.VehicleIds.Count > 0)
        {
            List(
                " AND r.vehicle IN (SELECT value FROM json_each($vehicles))",
                "$vehicles",
                selection.VehicleIds);
        }

        if (selection.RecordingIds.Count > 0)
        {
            List(
                " AND r.uuid IN (SELECT value FROM json_each($recordings))",
                "$recordings",
                selection.RecordingIds.Select(RecordingIds.Text));
        }
    }

    /// <summary>Stored chunks, up to <see cref="ChunkSelection.AsOf"/>.</summary>
    public static SelectionSql Stored(ChunkSelection selection)
    {
        SelectionSql sql = Chunks(selection);
        sql._text.Append(" AND c.ordinal IS NOT NULL");
        sql.AddAsOf(selection);
        return sql;
    }

    /// <summary>Announced chunks.</summary>
    public static SelectionSql Announced(ChunkSelection selection)
    {
        SelectionSql sql = Chunks(selection);
        sql._text.Append(" AND c.ordinal IS NULL");
        return sql;
    }

    /// <summary>Both; of the stored ones those up to <see cref="ChunkSelection.AsOf"/>.</summary>
    public static SelectionSql Any(ChunkSelection selection)
    {
        SelectionSql sql = Chunks(selection);
        if (selection.AsOf is { } asOf)
            sql.Add(" AND (c.ordinal IS NULL OR c.ordinal <= $asOf)", "$asOf", Clamp(asOf));
        return sql;
    }

    /// <summary>
    /// Both, of every lane that records a selected topic, whether or not the chunk holds it.
    /// </summary>
    public static SelectionSql Lanes(ChunkSelection selection)
    {
        SelectionSql sql = Any(selection with { Topics = null });
        if (selection.Topics is { } topics)
        {
            sql.List(
                """
                 AND EXISTS (SELECT 1 FROM channels n WHERE n.recording = c.recording AND n.lane = c.lane
                     AND n.topic IN (SELECT value FROM json_each($topics)))
                """,
                "$topics",
                topics);
        }

        return sql;
    }

    /// <summary>Recordings alone, by vehicle and id.</summary>
    public static SelectionSql Recordings(ChunkSelection selection) =>
        new(selection, " FROM recordings r WHERE 1");

    /// <summary>Adds a condition with one parameter.</summary>
    public void Add(string condition, string name, object value)
    {
        _text.Append(condition);
        _parameters.Add((name, value));
    }

    /// <summary>The command of <paramref name="format"/>, in which {0} stands for the clause.</summary>
    public SqliteCommand Command(SqliteConnection connection, string format)
    {
        SqliteCommand command = connection.Command(
            format.Replace("{0}", _text.ToString(), StringComparison.Ordinal));
        foreach ((string name, object value) in _parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private static SelectionSql Chunks(ChunkSelection selection)
    {
        SelectionSql sql = new(selection, " FROM chunks c JOIN recordings r ON r.id = c.recording WHERE 1");
        if (selection.Start is { } start)
            sql.Add(" AND c.last_log_time >= $start", "$start", SqliteTime.Write(start));
        if (selection.End is { } end)
            sql.Add(" AND c.first_log_time < $end", "$end", SqliteTime.Write(end));
        if (selection.Topics is { } topics)
        {
            sql.List(
                """
                 AND EXISTS (SELECT 1 FROM chunk_channels k
                     JOIN channels n ON n.recording = c.recording AND n.channel = k.channel
                     WHERE k.chunk = c.id AND n.topic IN (SELECT value FROM json_each($topics)))
                """,
                "$topics",
                topics);
        }

        return sql;
    }

    private static long Clamp(ulong ordinal) => (long)Math.Min(ordinal, long.MaxValue);

    private void AddAsOf(ChunkSelection selection)
    {
        if (selection.AsOf is { } asOf)
            Add(" AND c.ordinal <= $asOf", "$asOf", Clamp(asOf));
    }

    private void List(string condition, string name, IEnumerable<string> values)
    {
        JsonArray json = [];
        foreach (string value in values)
            json.Add((JsonNode)value);
        Add(condition, name, json.ToJsonString());
    }
}
