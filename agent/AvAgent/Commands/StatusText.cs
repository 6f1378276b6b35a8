using System.Text.Json;

namespace AvSdk.Agent.Commands;

/// <summary>The agent's status for people, a fact a line; the JSON is that of <c>Running/StatusJson</c>.</summary>
internal static class StatusText
{
    public static IEnumerable<string> Lines(JsonElement status)
    {
        yield return $"recording  {status.GetProperty("recording")} of {status.GetProperty("vehicle")}, "
            + $"since {status.GetProperty("startedAt")}";
        yield return $"memory     {status.GetProperty("memoryBytes")} bytes; "
            + $"spool {status.GetProperty("spoolBytes")} bytes; disk free {status.GetProperty("freeBytes")} bytes";
        JsonElement uplink = status.GetProperty("uplink");
        string? breaker = uplink.GetProperty("breaker").GetString();
        yield return ($"uplink     {uplink.GetProperty("state")} {uplink.GetProperty("name")} "
            + (breaker == "closed" ? "" : $"(breaker {breaker}) ") + uplink.GetProperty("lastError")).TrimEnd();
        if (status.TryGetProperty("links", out JsonElement links))
        {
            foreach (JsonElement link in links.EnumerateArray())
                yield return Link(link);
        }

        if (Live(status) is { } live)
            yield return live;
        if (status.TryGetProperty("certificate", out JsonElement certificate))
        {
            yield return $"identity   {certificate.GetProperty("subject")} (serial {certificate.GetProperty("serial")}), "
                + $"good until {certificate.GetProperty("notAfter")}";
        }

        if (status.TryGetProperty("disk", out JsonElement disk) && disk.GetProperty("refuses").GetBoolean())
        {
            yield return $"ALARM      the disk refuses since {disk.GetProperty("since")}: "
                + $"{disk.GetProperty("heldChunks")} chunks held in memory, {disk.GetProperty("droppedChunks")} dropped; "
                + $"{status.GetProperty("lastSpoolError")}";
        }

        if (status.TryGetProperty("configuration", out JsonElement configuration))
        {
            foreach (JsonElement problem in configuration.GetProperty("problems").EnumerateArray())
                yield return $"REFUSED    configuration: {problem}";
        }

        foreach (JsonElement lane in status.GetProperty("lanes").EnumerateArray())
        {
            yield return $"lane       {lane.GetProperty("name"),-12} {lane.GetProperty("pendingChunks"),6} chunks "
                + $"pending, {lane.GetProperty("pendingBytes"),12} bytes"
                + EmptyIn(lane) + (lane.GetProperty("isFull").GetBoolean() ? ", FULL" : "");
        }

        foreach (JsonElement topic in status.GetProperty("topics").EnumerateArray())
        {
            yield return $"topic      {topic.GetProperty("topic"),-30} {topic.GetProperty("accepted"),10} accepted, "
                + $"{topic.GetProperty("delivered"),10} delivered{Drops(topic.GetProperty("dropped"))}";
        }
    }

    // Of an agent that shows nothing to anybody there is nothing to say.
    private static string? Live(JsonElement status)
    {
        if (!status.TryGetProperty("live", out JsonElement live) || !live.TryGetProperty("withheld", out JsonElement withheld))
            return null;
        (long published, long dropped) = (live.GetProperty("published").GetInt64(), live.GetProperty("dropped").GetInt64());
        return published + dropped + withheld.GetInt64() == 0
            ? null
            : $"live       {published} samples published, {dropped} dropped, {withheld} withheld: the link may not carry them";
    }

    // What an agent of before has not said is not shown.
    private static string EmptyIn(JsonElement lane)
    {
        if (!lane.TryGetProperty("secondsToEmpty", out JsonElement seconds) || lane.GetProperty("pendingBytes").GetInt64() == 0)
            return "";
        if (seconds.ValueKind != JsonValueKind.Number)
            return ", empty in: unknown";
        TimeSpan time = TimeSpan.FromSeconds(seconds.GetInt64());
        return time.TotalDays >= 1 ? $", empty in {time.Days} d {time.Hours} h"
            : time.TotalHours >= 1 ? $", empty in {time.Hours} h {time.Minutes} min"
            : $", empty in {time.Minutes} min {time.Seconds} s";
    }

    private static string Link(JsonElement link)
    {
        string line = $"link       {link.GetProperty("name"),-12} {link.GetProperty("state"),-6} {link.GetProperty("class")}: "
            + $"{link.GetProperty("bytesToday")} bytes today{Left(link, "leftToday")}, "
            + $"{link.GetProperty("bytesThisMonth")} this month{Left(link, "leftThisMonth")}";
        if (link.GetProperty("why").ValueKind != JsonValueKind.String)
            return line;
        return $"{line}; {link.GetProperty("why")}"
            + (link.TryGetProperty("until", out JsonElement until) ? $" until {until}" : "");
    }

    private static string Left(JsonElement link, string key) =>
        link.GetProperty(key) is { ValueKind: JsonValueKind.Number } left ? $" ({left} left)" : "";

    private static string Drops(JsonElement dropped) => string.Concat(
        dropped.EnumerateObject().Select(static drop => $", {drop.Value} dropped ({drop.Name})"));
}
