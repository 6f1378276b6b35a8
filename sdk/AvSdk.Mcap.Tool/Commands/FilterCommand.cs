using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Reports;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap filter FILE -o OUT</c>.</summary>
internal static class FilterCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<string[]> topics = CommonOptions.Topics();
        Option<string[]> excludes = CommonOptions.Excludes();
        Option<TimeBound?> from = CommonOptions.From();
        Option<TimeBound?> to = CommonOptions.To();
        Option<bool> noMetadata = new("--no-metadata") { Description = "Leave the metadata out." };
        Option<bool> noAttachments = new("--no-attachments") { Description = "Leave the attachments out." };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "filter",
            "Keeps some topics, or a stretch of time. Chunks that are wanted whole are copied as they are; attachments "
            + "and metadata are kept, whatever their time.",
            "av-mcap filter drive.mcap -o imu.mcap --topics /imu '/gnss/**'",
            "av-mcap filter drive.mcap -o cut.mcap --from 2018-08-02T16:15:00Z --to 2018-08-02T16:15:30Z",
            "av-mcap filter drive.mcap -o end.mcap --from=-10s --exclude '/camera/*' --no-attachments")
        {
            file, topics, excludes, from, to, noMetadata, noAttachments,
        };
        OutputOptions output = new(command);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader();
            TopicPatterns patterns = new(parsed.GetValue(topics) ?? [], parsed.GetValue(excludes) ?? []);
            TopicRemarks.OnPatternsWithoutTopic(console, patterns, reader);
            TimeRange times = new(parsed.GetValue(from), parsed.GetValue(to));
            FilterSelection selection = new(patterns)
            {
                KeepsMetadata = !parsed.GetValue(noMetadata),
                KeepsAttachments = !parsed.GetValue(noAttachments),
            };
            if (!times.IsEverything)
            {
                MessageCounts counts = MessageCounts.Of(reader, null, cancellationToken);
                (ulong first, ulong? last) = times.Resolve(counts.Start, counts.End);
                selection = selection with { From = first, To = last };
            }

            string? asked = output.Asked(parsed);
            McapWriterOptions options = output.WriterOptions(
                parsed, reader.Header.Profile, asked ?? OutputOptions.CompressionOf(reader));
            return EditRun.IntoWriter(console, parsed, output, parsed.GetValue(json), options, (writer, progress) =>
                FilterEdit.Run(reader, writer, selection, asked, progress, cancellationToken));
        });
        return command;
    }
}
