using System.Text.Json;

namespace AvSdk.Agent.Configuration;

/// <summary>Collects _problems in the order in which they are found; reading goes on after each.</summary>
internal sealed class ProblemList
{
    private const int ValueCharsMax = 80;
    private readonly List<ConfigurationProblem> _problems = [];

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    public bool IsEmpty => _problems.Count == 0;

    public void Add(string key, string value, string remedy) =>
        _problems.Add(new(key, Shorten(value), remedy));

    public void Add(string key, JsonElement value, string remedy) => Add(key, value.GetRawText(), remedy);

    public void AddMissing(string key, string remedy) => Add(key, ConfigurationProblem.Missing, remedy);

    public bool HasKey(string key) => _problems.Exists(problem => problem.Key == key);

    /// <summary>Whether the key, or a section that it is in, has a problem.</summary>
    public bool HasKeyOrParent(string key) => _problems.Exists(problem => problem.Key.Length > 0
        && key.StartsWith(problem.Key, StringComparison.Ordinal)
        && (key.Length == problem.Key.Length || key[problem.Key.Length] is '.' or '['));

    private static string Shorten(string value)
    {
        string line = string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ValueCharsMax ? line : string.Concat(line.AsSpan(0, ValueCharsMax - 3), "...");
    }
}
