using System.Text.Json;

namespace AvSdk.Agent.Configuration;

/// <summary>Collects problems in the order in which they are found; reading goes on after each.</summary>
internal sealed class ProblemList
{
    private const int ValueCharsMax = 80;
    private readonly List<ConfigurationProblem> problems = [];

    public IReadOnlyList<ConfigurationProblem> Problems => problems;

    public bool IsEmpty => problems.Count == 0;

    public void Add(string key, string value, string remedy) => problems.Add(new(key, Shorten(value), remedy));

    public void Add(string key, JsonElement value, string remedy) => Add(key, value.GetRawText(), remedy);

    public void AddMissing(string key, string remedy) => Add(key, ConfigurationProblem.Missing, remedy);

    public bool HasKey(string key) => problems.Exists(problem => problem.Key == key);

    private static string Shorten(string value)
    {
        string line = string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ValueCharsMax ? line : string.Concat(line.AsSpan(0, ValueCharsMax - 3), "...");
    }
}
