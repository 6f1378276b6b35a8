using System.Text.RegularExpressions;

namespace AvSdk.Tests.Tidy;

/// <summary>Rules of the source that no analyser knows.</summary>
public sealed partial class SourceRules
{
    private const int LinesMax = 400;
    private const int ColumnsMax = 130;

    private static readonly string[] s_topLevel =
        ["sdk", "agent", "tests", "examples", "protos", "AvSdk.sln", "README.md"];

    private static readonly string[] s_buildFiles =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "nuget.config"];

    [Fact]
    public void The_top_level_holds_nothing_else()
    {
        IEnumerable<string> entries = SourceTree.Files.Select(file => file.Split('/')[0]).Distinct();
        string[] strangers =
            [.. entries.Where(entry => entry[0] != '.').Except(s_topLevel).Except(s_buildFiles)];
        Assert.Empty(strangers);
    }

    [Fact]
    public void No_file_is_longer_than_400_lines() =>
        Assert.Empty(SourceTree.CSharp()
            .Select(file => (file, lines: SourceTree.Lines(file).Length))
            .Where(entry => entry.lines > LinesMax)
            .Select(entry => $"{entry.file}: {entry.lines} lines; lift a concern with a name out of it"));

    [Fact]
    public void No_line_is_longer_than_a_screen() =>
        Assert.Empty(Matches(line => line.Length > ColumnsMax, $"longer than {ColumnsMax} columns", SourceTree.CSharp("sdk", "agent")));

    [Fact]
    public void Time_waits_and_results_go_through_their_seams() =>
        Assert.Empty(Matches(
            line => BannedCall().IsMatch(line) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal),
            "banned: take TimeProvider, await instead of blocking",
            SourceTree.CSharp("sdk", "agent")));

    [Fact]
    public void Tests_do_not_sleep() =>
        Assert.Empty(Matches(
            line => line.Contains("Thread." + "Sleep", StringComparison.Ordinal),
            "a test waits for a condition, never for time",
            SourceTree.CSharp("tests", "examples")));

    [Fact]
    public void Unsafe_code_stays_in_its_rooms() =>
        Assert.Empty(Matches(
            line => UnsafeKeyword().IsMatch(line),
            "unsafe belongs to AvSdk.Lz4 and to the CRC of AvSdk.Mcap",
            SourceTree.CSharp("sdk", "agent").Where(file =>
                !file.StartsWith("sdk/AvSdk.Lz4/", StringComparison.Ordinal)
                && !file.StartsWith("sdk/AvSdk.Mcap/", StringComparison.Ordinal))));

    [Fact]
    public void Names_of_folders_are_nouns_of_the_domain() =>
        Assert.Empty(SourceTree.CSharp()
            .SelectMany(file => file.Split('/')[..^1].Where(part => part is "Common" or "Helpers" or "Utils" or "Misc")
                .Select(part => $"{file}: {part} says nothing")));

    [Fact]
    public void Log_event_ids_are_unique_in_their_project()
    {
        foreach (IGrouping<string, string> project in SourceTree.CSharp("sdk", "agent").GroupBy(file => file.Split('/')[1]))
        {
            IEnumerable<string> ids = project
                .SelectMany(file => EventId().Matches(SourceTree.Read(file)).Select(match => match.Groups[1].Value));
            Assert.Empty(ids.GroupBy(id => id).Where(group => group.Count() > 1)
                .Select(group => $"{project.Key}: event id {group.Key} is used {group.Count()} times"));
        }
    }

    [Fact]
    public void Every_project_has_a_readme_that_says_where_to_start()
    {
        string[] mute =
        [
            .. SourceTree.Files
                .Where(file => file.StartsWith("sdk/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal))
                .Select(file => Path.GetDirectoryName(file)! + "/README.md")
                .Where(readme => !SourceTree.Files.Contains(readme)
                    || !SourceTree.Read(readme).Contains("tart reading at", StringComparison.Ordinal)),
        ];
        Assert.Empty(mute);
    }

    private static IEnumerable<string> Matches(Func<string, bool> offends, string reason, IEnumerable<string> files) =>
        from file in files
        from line in SourceTree.Lines(file).Select((text, index) => (text, number: index + 1))
        where offends(line.text)
        select $"{file}:{line.number}: {reason}";

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now|Thread\.Sleep|\.Result\b(?!\s*\{)(?=\s*[;,)])|\.GetAwaiter\(\)\.GetResult\(\)|Task\.Delay\((?![^;]*(time|Time|clock|Clock))|\.Wait\(\)")]
    private static partial Regex BannedCall();

    [GeneratedRegex(@"(^|\s)unsafe\s")]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();
}
