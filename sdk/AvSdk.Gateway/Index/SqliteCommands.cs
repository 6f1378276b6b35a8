using System.Data;
using Microsoft.Data.Sqlite;

namespace AvSdk.Gateway.Index;

/// <summary>Short forms for commands with parameters.</summary>
internal static class SqliteCommands
{
    public static SqliteCommand Command(
        this SqliteConnection connection,
        string text,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        // Every text is a constant of this folder, or built by SelectionSql from constants.
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object? value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    public static int Execute(
        this SqliteConnection connection,
        string text,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = connection.Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null where there is none, or it is NULL.</summary>
    public static object? Scalar(
        this SqliteConnection connection,
        string text,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = connection.Command(text, parameters);
        object? value = command.ExecuteScalar();
        return value is DBNull ? null : value;
    }

    public static List<T> Rows<T>(this SqliteCommand command, Func<SqliteDataReader, T> row)
    {
        using SqliteDataReader reader = command.ExecuteReader(CommandBehavior.SingleResult);
        List<T> rows = [];
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    public static byte[] Bytes(this SqliteDataReader reader, int column) => (byte[])reader.GetValue(column);

    public static ulong Time(this SqliteDataReader reader, int column) =>
        SqliteTime.Read(reader.GetInt64(column));

    public static ulong Count(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? 0 : (ulong)reader.GetInt64(column);
}
