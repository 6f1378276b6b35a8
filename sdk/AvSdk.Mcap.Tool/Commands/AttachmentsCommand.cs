using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Outputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap attachments get FILE NAME -o OUT</c>.</summary>
internal static class AttachmentsCommand
{
    private const int PieceBytes = 1 << 20;

    public static Command Create(ToolConsole console) => new ToolCommand(
        "attachments", "Takes attachments out; \"av-mcap list attachments\" lists them.",
        "av-mcap attachments get drive.mcap calibration.json -o calibration.json")
    {
        CreateGet(console),
    };

    private static ToolCommand CreateGet(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Argument<string> name = new("NAME") { Description = "The attachment's name." };
        Option<string> output = CommonOptions.Output();
        output.Description = "The file to write; - for standard output.";
        Option<bool> force = CommonOptions.Force();
        Option<int?> number = new("--number")
        {
            Description = "Which one, from 1, where several have the name.",
            HelpName = "N",
        };
        ToolCommand command = new(
            "get", "Writes one attachment to a file, its checksum checked.",
            "av-mcap attachments get drive.mcap calibration.json -o calibration.json",
            "av-mcap attachments get drive.mcap vehicle.dbc -o - | head")
        {
            file, name, output, force, number,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out _);
            McapAttachmentIndex index = Find(reader, parsed.GetValue(name)!, parsed.GetValue(number));
            using Stream data = reader.OpenAttachment(index);
            if (parsed.GetValue(output) == "-")
            {
                Copy(data, bytes => console.Output.Write(bytes), cancellationToken);
                return ExitCode.Done;
            }

            using OutputFile copy = OutputFile.Create(parsed.GetValue(output)!, parsed.GetValue(force));
            Copy(data, bytes => copy.Sink.Write(bytes), cancellationToken);
            copy.Commit();
            return ExitCode.Done;
        });
        return command;
    }

    private static McapAttachmentIndex Find(McapIndexedReader reader, string name, int? number)
    {
        McapAttachmentIndex[] found = [.. reader.Attachments.Where(each => each.Name == name)];
        if (found.Length == 0)
        {
            string[] names = [.. reader.Attachments.Select(each => each.Name).Distinct()];
            throw ToolFailure.World(NearestName.Find(name, names) is string near
                ? $"there is no attachment '{name}': did you mean '{near}'?"
                : $"there is no attachment '{name}'; \"av-mcap list attachments\" shows the {names.Length} there are.");
        }

        if (number is null && found.Length > 1)
            throw ToolFailure.Usage($"{found.Length} attachments are called '{name}': choose one with --number.");
        return number is null or > 0 && (number ?? 1) <= found.Length
            ? found[(number ?? 1) - 1]
            : throw ToolFailure.Usage($"there is no number {number} of '{name}': it takes 1 to {found.Length}.");
    }

    private static void Copy(Stream from, Action<byte[]> write, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[PieceBytes];
        for (int read; (read = from.ReadAtLeast(piece, PieceBytes, throwOnEndOfStream: false)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            write(read == piece.Length ? piece : piece[..read]);
        }
    }
}
