using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap list channels|schemas|chunks|attachments|metadata FILE</c>.</summary>
internal static class ListCommand
{
    public static Command Create(ToolConsole console) => new ToolCommand(
        "list",
        "One kind of thing that a file holds, a line each.",
        "av-mcap list channels drive.mcap",
        "av-mcap list chunks https://example.com/drive.mcap --json")
    {
        Of(console, "channels", "The channels: topic, encoding, schema, messages, metadata.",
            (reader, cancellationToken) => FileLists.Channels(
                reader, ProgressBar.Run(console, "reading", progress => MessageCounts.Of(reader, progress, cancellationToken))),
            FileLists.Table),
        Of(console, "schemas", "The schemas: name, encoding, size.",
            (reader, _) => FileLists.Schemas(reader), FileLists.Table),
        Of(console, "chunks", "The chunks: where, how large, how compressed, which times.",
            (reader, _) => FileLists.Chunks(reader), FileLists.Table),
        Of(console, "attachments", "The attachments; \"av-mcap attachments get\" takes one out.",
            (reader, _) => FileLists.Attachments(reader), FileReportText.AttachmentTable),
        Of(console, "metadata", "The metadata records with their values.",
            (reader, _) => FileLists.Metadata(reader), FileLists.Text),
        ListMessagesCommand.Create(console),
    };

    private static ToolCommand Of<T>(
        ToolConsole console, string name, string description,
        Func<McapIndexedReader, CancellationToken, IReadOnlyList<T>> rows, Func<IReadOnlyList<T>, string> table)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(name, description, $"av-mcap list {name} drive.mcap") { file, json };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out bool isSealed);
            IReadOnlyList<T> list = rows(reader, cancellationToken);
            console.Write(parsed.GetValue(json) ? ReportJson.Text(list) : table(list));
            return isSealed ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }
}
