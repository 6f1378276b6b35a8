using System.CommandLine;
using System.CommandLine.Parsing;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Arguments and options that several commands share, made anew for each.</summary>
internal static class CommonOptions
{
    public static Argument<string> File() => new("FILE")
    {
        Description = "An MCAP file: a path, or an http:// or https:// address whose server answers ranges.",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON, for programs." };

    public static Option<string[]> Topics() => new("--topics", "-t")
    {
        Description = "Only these topics. Patterns: * any characters but '/', ** any, ? one. May be repeated. "
            + "Default: all.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<string[]> Excludes() => new("--exclude", "-x")
    {
        Description = "Not these topics, patterns as for --topics. May be repeated.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<TimeBound?> From() =>
        Time("--from", "From this log time on: " + TimeBound.Forms + " (from the start, from the end).");

    public static Option<TimeBound?> To() => Time("--to", "Up to this log time, exclusive; forms as for --from.");

    public static Option<TimeBound?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = ParseTime,
    };

    public static Option<string> Output() => new("--output", "-o")
    {
        Description = "The file to write. It appears under its name once it is whole.",
        HelpName = "FILE",
        Required = true,
    };

    public static Option<bool> Force() => new("--force", "-f") { Description = "Replace the output if it exists." };

    private static TimeBound? ParseTime(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TimeBound.TryParse(text, out TimeBound bound))
            return bound;
        result.AddError($"'{text}' is not a time; write it like {TimeBound.Forms}.");
        return null;
    }
}
