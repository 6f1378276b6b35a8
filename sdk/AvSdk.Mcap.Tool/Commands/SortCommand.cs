using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap sort FILE -o OUT</c>.</summary>
internal static class SortCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "sort",
            "Writes the messages in log-time order; equal times stay as they stood.",
            "av-mcap sort drive.mcap -o sorted.mcap")
        {
            file,
        };
        OutputOptions output = new(command);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader();
            McapWriterOptions options = output.WriterOptions(
                parsed, reader.Header.Profile, output.Asked(parsed) ?? OutputOptions.CompressionOf(reader));
            return EditRun.IntoWriter(console, parsed, output, parsed.GetValue(json), options, (writer, progress) =>
                SortEdit.Run(reader, writer, progress, cancellationToken));
        });
        return command;
    }
}
