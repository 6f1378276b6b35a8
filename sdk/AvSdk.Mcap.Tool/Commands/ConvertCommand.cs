using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.RosBags;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap convert BAG -o OUT</c>.</summary>
internal static class ConvertCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = new("BAG")
        {
            Description = "A ROS 1 bag of format 2.0: a path, or an http:// or https:// address.",
        };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "convert",
            "Writes a ROS 1 bag as MCAP: connections as channels (ros1), definitions as schemas (ros1msg). Chunks with "
            + "lz4 or without compression are read, those with bz2 are not: run \"rosbag decompress\" on such a bag "
            + $"first. A bag that ends early is converted as far as it goes, with exit code {ExitCode.Incomplete}.",
            "av-mcap convert drive.bag -o drive.mcap",
            "av-mcap convert drive.bag -o drive.mcap --compression zstd")
        {
            file,
        };
        OutputOptions output = new(command, "lz4");
        command.Add(json);
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            BagReader reader = new(input.Sequential);
            McapWriterOptions options = output.WriterOptions(
                parsed, BagConversion.Profile, output.Asked(parsed) ?? "lz4");
            try
            {
                reader.Begin();
                int code = EditRun.IntoWriter(console, parsed, output, parsed.GetValue(json), options,
                    (writer, progress) => BagConversion.Run(reader, writer, progress, cancellationToken));
                if (!reader.EndsEarly)
                    return code;
                console.Remark($"{input.Name} ends within a record, at byte {reader.Offset}: the output holds what is "
                    + "before; if the bag was cut in transfer, copy it again.");
                return ExitCode.Incomplete;
            }
            catch (BagException e)
            {
                throw new ToolFailure(ExitCode.Unreadable, e.Offset == 0
                    ? $"{input.Name} is not a ROS bag of format 2.0 ({e.Message}); name a .bag file."
                    : $"{input.Name} cannot be converted, {e.Message}.", e);
            }
        });
        return command;
    }
}
