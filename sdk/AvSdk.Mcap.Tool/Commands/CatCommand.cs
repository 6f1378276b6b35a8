using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Messages;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap cat FILE</c>.</summary>
internal static class CatCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> iso = new("--iso") { Description = "Times as ISO 8601; else ns since 1970, as strings." };
        Option<bool> hex = new("--hex") { Description = "Bytes in hexadecimal; else in base64." };
        Option<bool> raw = new("--raw") { Description = "Decode nothing: all payloads as bytes." };
        ToolCommand command = new(
            "cat",
            "Prints messages, a line of JSON each: protobuf (by the schema in the file) and JSON payloads as \"data\", "
            + "others as \"data_base64\". A payload that does not decode gets an \"error\", the run goes on, and the "
            + "exit code is 3.",
            "av-mcap cat drive.mcap --topics /gnss --limit 10",
            "av-mcap cat drive.mcap --from +10s --to +10.5s --iso | jq .data",
            "av-mcap cat drive.mcap --latest-before 2018-08-02T16:15:00Z",
            "av-mcap cat drive.mcap --topics '/vehicle/*' --reverse -n 1")
        {
            file,
        };
        MessageOptions messageOptions = new(command);
        command.Add(iso);
        command.Add(hex);
        command.Add(raw);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out bool isSealed);
            using McapMessageCursor messages = messageOptions.Read(console, parsed, reader, cancellationToken);
            using MessageLines lines = new(
                console.Output, reader.Schemas,
                new MessageLineOptions(parsed.GetValue(iso), parsed.GetValue(hex), parsed.GetValue(raw)));
            long limit = messageOptions.LimitOf(parsed);
            for (long written = 0; written < limit && messages.MoveNext(); written++)
            {
                if (WorkDone.IsTime((ulong)written))
                    cancellationToken.ThrowIfCancellationRequested();
                lines.Write(messages.Current, messages.Channel);
            }

            if (lines.Failures > 0)
            {
                console.Remark($"{Quantities.Of(lines.Failures, "message")} could not be decoded; their lines say why, "
                    + "--raw prints them as they are.");
            }

            if (lines.UnknownFields > 0)
            {
                console.Remark($"{Quantities.Of(lines.UnknownFields, "field")} left out, not being in the schemas "
                    + "of the file: their writer used a newer schema than it wrote down.");
            }

            return isSealed && lines.Failures == 0 ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }
}
