using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap compress FILE -o OUT</c> and <c>av-mcap decompress FILE -o OUT</c>.</summary>
internal static class CompressCommand
{
    public static Command Create(ToolConsole console) => Create(
        console, "lz4",
        new ToolCommand(
            "compress",
            "Writes a file again with other compression or other chunks, everything in it in its order.",
            "av-mcap compress raw.mcap -o small.mcap",
            "av-mcap compress drive.mcap -o archive.mcap --level 9 --chunk-size 16MiB --workers 4",
            "av-mcap compress drive.mcap -o archive.mcap --compression zstd"));

    public static Command CreateReverse(ToolConsole console) => Create(
        console, null,
        new ToolCommand(
            "decompress", "Writes a file again without compression, everything in it in its order.",
            "av-mcap decompress small.mcap -o raw.mcap"));

    private static ToolCommand Create(ToolConsole console, string? compressionDefault, ToolCommand command)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        command.Add(file);
        OutputOptions output = new(command, compressionDefault);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapStreamReader reader = input.OpenStream(cancellationToken);
            McapWriterOptions options = output.WriterOptions(
                parsed, "", output.Asked(parsed) ?? compressionDefault ?? "");
            return EditRun.IntoFile(console, parsed, output, parsed.GetValue(json), (sink, progress) =>
                RecompressEdit.Run(
                    reader, input.Source.Length,
                    header => new McapWriter(sink, options with { Profile = header.Profile }), progress,
                    cancellationToken));
        });
        return command;
    }
}
