using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap merge A B … -o OUT</c>.</summary>
internal static class MergeCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string[]> files = new("FILES")
        {
            Description = "Two or more MCAP files: paths, or http:// or https:// addresses.",
            Arity = new ArgumentArity(2, 10_000),
        };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "merge",
            "Makes one file of several, by log time. Equal schemas, channels, metadata and attachments become one; "
            + "memory does not grow with the files.",
            "av-mcap merge front.mcap rear.mcap -o both.mcap",
            "av-mcap merge drive_*.mcap -o drive.mcap --compression zstd")
        {
            files,
        };
        OutputOptions output = new(command);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            List<IDisposable> opened = [];
            try
            {
                List<MergeInput> inputs = [];
                string[] names = parsed.GetValue(files)!;
                McapReadOptions share = new()
                {
                    BufferBytesMax = McapReadOptions.Default.BufferBytesMax / names.Length,
                };
                foreach (string file in names)
                {
                    McapInput input = await McapInput.OpenAsync(file, console, cancellationToken).ConfigureAwait(false);
                    opened.Add(input);
                    inputs.Add(new MergeInput(file, input.OpenReader(share)));
                }

                string[] profiles = [.. inputs.Select(input => input.Reader.Header.Profile).Distinct()];
                McapWriterOptions options = output.WriterOptions(
                    parsed, profiles.Length == 1 ? profiles[0] : "",
                    output.Asked(parsed) ?? OutputOptions.CompressionOf(inputs[0].Reader));
                return EditRun.IntoWriter(console, parsed, output, parsed.GetValue(json), options, (writer, progress) =>
                    MergeEdit.Run(inputs, writer, progress, cancellationToken));
            }
            finally
            {
                opened.ForEach(input => input.Dispose());
            }
        });
        return command;
    }
}
