using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap compress FILE -o OUT</c> and <c>av-mcap decompress FILE -o OUT</c>.</summary>
internal static class CompressCommand
{
    public static Command Create(ToolConsole console)
    {
        Option<string?> compression = OutputOptions.CompressionOption("--compression", "lz4, zstd or none. Default: lz4.");
        return Create(
            console, compression,
            new ToolCommand(
                "compress",
                "Writes a file again with other compression or other chunks, everything in it in its order.",
                "av-mcap compress raw.mcap -o small.mcap",
                "av-mcap compress drive.mcap -o archive.mcap --compression zstd --chunk-size 16MiB"));
    }

    public static Command CreateReverse(ToolConsole console) => Create(
        console, null,
        new ToolCommand(
            "decompress", "Writes a file again without compression, everything in it in its order.",
            "av-mcap decompress small.mcap -o raw.mcap"));

    private static ToolCommand Create(ToolConsole console, Option<string?>? compression, ToolCommand command)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        command.Add(file);
        OutputOptions output = new(command, fixedCompression: "");
        if (compression is not null)
            command.Add(compression);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            string name = compression is null ? "none" : parsed.GetValue(compression) ?? "lz4";
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapStreamReader reader = new(new SourceStream(input.Source, cancellationToken));
            McapWriterOptions options = output.WriterOptions(parsed, "", name == "none" ? "" : name);
            return EditRun.IntoFile(console, parsed, output, parsed.GetValue(json), (sink, progress) =>
                RecompressEdit.Run(
                    reader, input.Source.Length,
                    header => new McapWriter(sink, options with { Profile = header.Profile }), progress,
                    cancellationToken));
        });
        return command;
    }
}
