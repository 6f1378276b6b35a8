using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Logging;

/// <summary>A log entry, and how it looks on a line.</summary>
internal readonly record struct LogLine(
    DateTimeOffset Time, LogLevel Level, string Category, EventId Event, string Message, Exception? Exception)
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <summary>
    /// <c>2026-11-21T20:15:30.123Z warning AvSdk.Recording.Uplink[12] message: exception</c>.
    /// </summary>
    public string ToText()
    {
        StringBuilder line = new();
        line.Append(Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        line.Append(CultureInfo.InvariantCulture, $" {NameOf(Level),-7} {Category}[{Event.Id}] {Message}");
        if (Exception is not null)
            line.Append(": ").Append(Exception);
        return line.Replace("\r", "").Replace("\n", " | ").ToString();
    }

    public string ToJson()
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(Level));
            json.WriteString("category", Category);
            json.WriteNumber("event", Event.Id);
            if (Event.Name is not null)
                json.WriteString("name", Event.Name);
            json.WriteString("message", Message);
            if (Exception is not null)
                json.WriteString("exception", Exception.ToString());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
