using System.CommandLine;
using System.CommandLine.Parsing;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Says what is wrong with a command line, and what was probably meant.</summary>
internal static class UsageError
{
    public static string Sentence(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = command is RootCommand ? "av-mcap" : Path(parsed);
        string help = $"\"{path} --help\" shows how";
        // A misspelt option may have been taken for an argument, with the argument left over.
        string? stranger = parsed.Tokens.FirstOrDefault(IsLikeAnOption)?.Value
            ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);
        if (stranger is not null)
        {
            bool isOption = stranger.StartsWith('-');
            IEnumerable<string> names = isOption
                ? command.Options.Concat(parsed.RootCommandResult.Command.Options).SelectMany(Names)
                : command.Subcommands.Select(each => each.Name);
            string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return NearestName.Find(stranger, names) is string near
                ? $"there is no {kind} '{stranger}': did you mean '{near}'? {help}."
                : $"there is no {kind} '{stranger}' here; {help}.";
        }

        string errors = string.Join(' ', parsed.Errors.Select(error => error.Message.TrimEnd('.')).Distinct());
        return $"{(errors.Length > 0 ? errors : "a command is missing")}; {help}.";
    }

    private static bool IsLikeAnOption(Token token) =>
        token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal);

    private static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name);

    private static string Path(ParseResult parsed)
    {
        List<string> names = [];
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: not RootCommand } result)
                names.Insert(0, result.Command.Name);
        }

        return "av-mcap " + string.Join(' ', names);
    }
}
