using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Reports;
using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The options of commands that print messages one by one: which, and in which order.</summary>
internal sealed class MessageOptions
{
    private readonly Option<string[]> _topics = CommonOptions.Topics();
    private readonly Option<string[]> _excludes = CommonOptions.Excludes();
    private readonly Option<TimeBound?> _from = CommonOptions.From();
    private readonly Option<TimeBound?> _to = CommonOptions.To();
    private readonly Option<TimeBound?> _latestBefore = CommonOptions.Time(
        "--latest-before", "Of each channel only the latest message before this time: what was known then.");

    private readonly Option<bool> _reverse = new("--reverse", "-r") { Description = "The latest first." };
    private readonly Option<bool> _inFileOrder = new("--file-order")
    {
        Description = "As they stand in the file, not by log time.",
    };

    private readonly Option<long?> _limit = new("--limit", "-n")
    {
        Description = "At most so many messages.",
        HelpName = "COUNT",
    };

    public MessageOptions(Command command)
    {
        foreach (Option option in new Option[] { _topics, _excludes, _from, _to, _latestBefore, _reverse, _inFileOrder, _limit })
            command.Add(option);
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is < 0)
                result.AddError("--limit takes a number from 0.");
        });
        command.Validators.Add(result =>
        {
            bool isLatest = result.GetResult(_latestBefore) is not null;
            if (isLatest && (result.GetResult(_from) ?? result.GetResult(_to)) is not null)
                result.AddError("--latest-before stands for a range of its own: leave --from and --to out.");
            if (isLatest && (result.GetValue(_reverse) || result.GetValue(_inFileOrder)))
                result.AddError("--latest-before gives one message a channel, by time: leave --reverse and --file-order out.");
            if (result.GetValue(_reverse) && result.GetValue(_inFileOrder))
                result.AddError("--reverse and --file-order are two orders: give one.");
        });
    }

    public long LimitOf(ParseResult parsed) => parsed.GetValue(_limit) ?? long.MaxValue;

    /// <summary>The messages that are asked for, but for the limit. The caller disposes the cursor.</summary>
    public McapMessageCursor Read(
        ToolConsole console, ParseResult parsed, McapIndexedReader reader, CancellationToken cancellationToken)
    {
        TopicPatterns patterns = new(parsed.GetValue(_topics) ?? [], parsed.GetValue(_excludes) ?? []);
        TopicRemarks.OnPatternsWithoutTopic(console, patterns, reader);
        string[]? topics = patterns.IsEverything ? null
            : [.. reader.Channels.Values.Select(channel => channel.Topic).Where(patterns.Wants).Distinct()];
        TimeRange times = new(parsed.GetValue(_from), parsed.GetValue(_to));
        TimeBound? before = parsed.GetValue(_latestBefore);
        MessageCounts? counts = times.IsEverything && before is null ? null
            : MessageCounts.Of(reader, null, cancellationToken);
        if (before is TimeBound time)
            return reader.ReadLatestBefore(time.Resolve(counts!.Start, counts.End), topics);
        (ulong from, ulong? to) = times.Resolve(counts?.Start ?? 0, counts?.End ?? 0);
        return reader.Read(new McapQuery
        {
            Topics = topics,
            From = from,
            To = to,
            Order = parsed.GetValue(_reverse) ? McapOrder.ReverseLogTime
                : parsed.GetValue(_inFileOrder) ? McapOrder.File : McapOrder.LogTime,
        });
    }
}
