using System.Globalization;
using System.Text.Json;
using AvSdk.Mcap.Tool.Commands;

namespace AvSdk.Agent.Configuration;

/// <summary>
/// One JSON object of a configuration. Each key is asked for once; a value of the wrong kind is noted as a
/// problem and reads as absent, so that one pass finds everything. <see cref="Done"/> notes the keys nobody
/// asked for.
/// </summary>
internal sealed class ConfigurationSection(string path, JsonElement element, ProblemList problems)
{
    private readonly List<string> _knownKeys = [];

    /// <summary>The key path of a key in this section.</summary>
    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public ProblemList Problems => problems;

    public string? Text(string key, string example, bool isRequired = false)
    {
        if (!TryGet(key, isRequired, $"Give a text, such as {Quote(example)}.", out JsonElement value))
            return null;
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (!string.IsNullOrWhiteSpace(text))
            return text;
        problems.Add(PathOf(key), value, $"Expected a text that is not empty, such as {Quote(example)}.");
        return null;
    }

    public bool? Flag(string key)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        problems.Add(PathOf(key), value, "Expected true or false, without quotes.");
        return null;
    }

    /// <summary>A whole number; the recorder knows the range of its own.</summary>
    public int? Integer(string key, int least = int.MinValue, int most = int.MaxValue)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            && number >= least && number <= most)
            return number;
        string range = least == int.MinValue ? "" : $" from {least} to {most}";
        problems.Add(PathOf(key), value, $"Expected a whole number{range}.");
        return null;
    }

    public double? Number(string key, double least, double most)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && number >= least && number <= most)
            return number;
        problems.Add(PathOf(key), value, string.Create(
            CultureInfo.InvariantCulture, $"Expected a number from {least} to {most}."));
        return null;
    }

    public long? Size(string key, string example)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.String
            && Quantity.TryParseSize(value.GetString()!, out long bytes))
            return bytes;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out bytes) && bytes >= 0)
            return bytes;
        problems.Add(PathOf(key), value,
            "Expected a size: bytes, or a text with a unit (B, kB, KiB, MB, MiB, GB, GiB), "
            + $"such as {Quote(example)}.");
        return null;
    }

    /// <summary>A size of which at most 2 GiB - 1 make sense; more is a problem.</summary>
    public int? SmallSize(string key, string example)
    {
        long? bytes = Size(key, example);
        if (bytes is null or <= int.MaxValue)
            return (int?)bytes;
        problems.Add(
            PathOf(key), bytes.Value.ToString(CultureInfo.InvariantCulture), "Expected less than 2 GiB.");
        return null;
    }

    public TimeSpan? Duration(string key, string example)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.String
            && Quantity.TryParseDuration(value.GetString()!, out TimeSpan duration))
            return duration;
        problems.Add(PathOf(key), value,
            $"Expected a duration with its unit (us, ms, s, min, h, d), such as {Quote(example)}.");
        return null;
    }

    public T? Choice<T>(string key, bool isRequired, params ReadOnlySpan<(string Name, T Value)> choices)
        where T : struct
    {
        List<string> names = [];
        foreach ((string name, _) in choices)
            names.Add(name);
        string expected = $"Expected one of {string.Join(", ", names.Select(Quote))}.";
        if (!TryGet(key, isRequired, expected, out JsonElement value))
            return null;

        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        foreach ((string name, T choice) in choices)
        {
            if (name == text)
                return choice;
        }

        string? nearest = text is null ? null : NearestName.Find(text, names);
        problems.Add(
            PathOf(key), value, nearest is null ? expected : $"{expected} Did you mean {Quote(nearest)}?");
        return null;
    }

    /// <summary>An array of texts; null when absent.</summary>
    public IReadOnlyList<string>? Texts(string key, string example)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        List<string> texts = [];
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(item.GetString()))
                    texts.Add(item.GetString()!);
            }

            if (texts.Count == value.GetArrayLength() && texts.Count > 0)
                return texts;
        }

        problems.Add(PathOf(key), value, $"Expected an array of texts, such as {example}.");
        return null;
    }

    public IReadOnlyDictionary<string, string> TextMap(string key)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        if (!TryGet(key, out JsonElement value))
            return map;
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.Add(PathOf(key), value, """Expected an object of texts, such as { "route": "A9" }.""");
            return map;
        }

        foreach (JsonProperty property in value.EnumerateObject())
        {
            string entry = $"{PathOf(key)}.{property.Name}";
            if (property.Value.ValueKind != JsonValueKind.String)
                problems.Add(entry, property.Value, "Expected a text in quotes.");
            else if (!map.TryAdd(property.Name, property.Value.GetString()!))
                problems.Add(entry, property.Value, "The key stands here twice: remove one.");
        }

        return map;
    }

    /// <summary>A section below this one; null when absent.</summary>
    public ConfigurationSection? Section(string key, bool isRequired = false)
    {
        if (!TryGet(key, isRequired, "The section is required.", out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new ConfigurationSection(PathOf(key), value, problems);
        problems.Add(PathOf(key), value, "Expected an object: { ... }.");
        return null;
    }

    /// <summary>The sections of an array; null when absent.</summary>
    public IReadOnlyList<ConfigurationSection>? Sections(string key)
    {
        if (!TryGet(key, out JsonElement value))
            return null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            problems.Add(PathOf(key), value, "Expected an array of objects: [ { ... }, ... ].");
            return null;
        }

        List<ConfigurationSection> sections = [];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            string itemPath = $"{PathOf(key)}[{index++}]";
            if (item.ValueKind == JsonValueKind.Object)
                sections.Add(new ConfigurationSection(itemPath, item, problems));
            else
                problems.Add(itemPath, item, "Expected an object: { ... }.");
        }

        return sections;
    }

    /// <summary>Notes keys that nobody asked for, and keys that stand here twice.</summary>
    public void Done()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!seen.Add(property.Name))
                problems.Add(PathOf(property.Name), property.Value, "The key stands here twice: remove one.");
            else if (!_knownKeys.Contains(property.Name))
                problems.Add(PathOf(property.Name), property.Value, RemedyOfUnknown(property.Name));
        }
    }

    public static string Quote(string text) => $"\"{text}\"";

    private string RemedyOfUnknown(string key) => NearestName.Find(key, _knownKeys) is { } nearest
        ? $"No such key. Did you mean {Quote(nearest)}?"
        : $"No such key: remove it. Here are known: {string.Join(", ", _knownKeys)}.";

    private bool TryGet(string key, out JsonElement value)
    {
        _knownKeys.Add(key);
        return element.TryGetProperty(key, out value);
    }

    private bool TryGet(string key, bool isRequired, string remedy, out JsonElement value)
    {
        if (TryGet(key, out value))
            return true;
        if (isRequired)
            problems.AddMissing(PathOf(key), remedy);
        return false;
    }
}
