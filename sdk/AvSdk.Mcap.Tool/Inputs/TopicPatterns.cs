using System.Text.RegularExpressions;

namespace AvSdk.Mcap.Tool.Inputs;

/// <summary>
/// Which topics are wanted: <c>*</c> is any run of characters but '/', <c>**</c> any run, <c>?</c> one
/// character; everything else is itself. No pattern to include: every topic.
/// </summary>
internal sealed class TopicPatterns
{
    private readonly Regex[] _includes;
    private readonly Regex[] _excludes;

    public TopicPatterns(IReadOnlyList<string> includes, IReadOnlyList<string> excludes)
    {
        Includes = includes;
        _includes = [.. includes.Select(ToRegex)];
        _excludes = [.. excludes.Select(ToRegex)];
    }

    public static TopicPatterns All { get; } = new([], []);

    public IReadOnlyList<string> Includes { get; }

    public bool IsEverything => _includes.Length == 0 && _excludes.Length == 0;

    public bool Wants(string topic) =>
        (_includes.Length == 0 || _includes.Any(pattern => pattern.IsMatch(topic)))
        && !_excludes.Any(pattern => pattern.IsMatch(topic));

    /// <summary>The patterns to include that no topic of a file fits: misspelt, most likely.</summary>
    public IEnumerable<string> WithoutTopic(IReadOnlyCollection<string> topics) =>
        Includes.Where((_, i) => !topics.Any(_includes[i].IsMatch));

    // No backtracking: time is linear in the topic, whatever the pattern.
    private static Regex ToRegex(string pattern)
    {
        string escaped = Regex.Escape(pattern)
            .Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal)
            .Replace(@"\?", ".", StringComparison.Ordinal);
        return new Regex($@"\A(?:{escaped})\z",
            RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }
}
