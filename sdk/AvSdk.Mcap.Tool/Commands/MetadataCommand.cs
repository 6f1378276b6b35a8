using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap metadata get FILE NAME</c>.</summary>
internal static class MetadataCommand
{
    public static Command Create(ToolConsole console) => new ToolCommand(
        "metadata", "Prints metadata; \"av-mcap list metadata\" lists all of it.",
        "av-mcap metadata get drive.mcap vehicle --key model")
    {
        CreateGet(console),
    };

    private static ToolCommand CreateGet(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Argument<string> name = new("NAME") { Description = "The record's name; all of that name are printed." };
        Option<string?> key = new("--key", "-k")
        {
            Description = "Print the value of this key alone, and nothing else.",
            HelpName = "KEY",
        };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "get", "Prints the metadata of one name.",
            "av-mcap metadata get drive.mcap vehicle",
            "av-mcap metadata get drive.mcap vehicle --key model")
        {
            file, name, key, json,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out bool isSealed);
            IReadOnlyList<MetadataReport> found = Find(reader, parsed.GetValue(name)!);
            if (parsed.GetValue(key) is string wanted)
                console.Write(ValuesOf(found, wanted));
            else
                console.Write(parsed.GetValue(json) ? ReportJson.Text(found) : FileLists.Text(found));
            return isSealed ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }

    private static IReadOnlyList<MetadataReport> Find(McapIndexedReader reader, string name)
    {
        IReadOnlyList<MetadataReport> found =
            FileLists.Metadata(reader, reader.MetadataIndexes.Where(index => index.Name == name));
        if (found.Count > 0)
            return found;
        string[] names = [.. reader.MetadataIndexes.Select(index => index.Name).Distinct()];
        throw ToolFailure.World(NearestName.Find(name, names) is string near
            ? $"there is no metadata '{name}': did you mean '{near}'?"
            : $"there is no metadata '{name}'; \"av-mcap list metadata\" shows the {names.Length} there are.");
    }

    private static string ValuesOf(IReadOnlyList<MetadataReport> found, string key)
    {
        string[] values = [.. found.Select(each => each.Values.GetValueOrDefault(key)).OfType<string>()];
        if (values.Length > 0)
            return string.Concat(values.Select(value => value + "\n"));
        string[] keys = [.. found.SelectMany(each => each.Values.Keys).Distinct()];
        throw ToolFailure.World(NearestName.Find(key, keys) is string near
            ? $"'{found[0].Name}' has no key '{key}': did you mean '{near}'?"
            : $"'{found[0].Name}' has no key '{key}'; it has {string.Join(", ", keys)}.");
    }
}
