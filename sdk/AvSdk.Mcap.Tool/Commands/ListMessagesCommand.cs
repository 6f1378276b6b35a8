using System.CommandLine;
using System.Globalization;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap list messages FILE</c>.</summary>
internal static class ListMessagesCommand
{
    public static ToolCommand Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = new("--json") { Description = "A line of JSON each, for programs." };
        ToolCommand command = new(
            "messages",
            "The messages without their payloads: log time, sequence, bytes, topic. \"av-mcap cat\" prints the payloads too.",
            "av-mcap list messages drive.mcap --topics /imu --limit 20")
        {
            file,
        };
        MessageOptions messageOptions = new(command);
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out bool isSealed);
            using McapMessageCursor messages = messageOptions.Read(console, parsed, reader, cancellationToken);
            bool asJson = parsed.GetValue(json);
            long limit = messageOptions.LimitOf(parsed);
            for (long written = 0; written < limit && messages.MoveNext(); written++)
            {
                if (WorkDone.IsTime((ulong)written))
                    cancellationToken.ThrowIfCancellationRequested();
                McapMessageView message = messages.Current;
                MessageReport report = new(
                    messages.Channel.Topic, message.ChannelId, message.Sequence, message.LogTime, message.PublishTime,
                    message.Data.Length);
                console.Write(asJson ? ReportJson.Line(report) : Text(report));
            }

            return isSealed ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }

    private static string Text(MessageReport message) => string.Create(CultureInfo.InvariantCulture,
        $"{TimeText.Iso(message.LogTime)}  {message.Sequence,10}  {message.Bytes,10}  {TextTable.OneLine(message.Topic)}\n");
}
