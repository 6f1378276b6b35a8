using System.Text;
using AvSdk.Contracts;

namespace AvSdk.Recording;

/// <summary>Where a channel goes, and whether two specs are of the same one.</summary>
internal static class ChannelChoice
{
    private const int TopicBytesMax = 512;

    /// <summary>The lane, and the group of its rule if that names one.</summary>
    /// <exception cref="ArgumentException">The topic or the lane cannot be.</exception>
    public static (string Lane, string? Group) Choose(RecorderOptions options, ChannelSpec spec)
    {
        int topicBytes = Encoding.UTF8.GetByteCount(spec.Topic);
        if (topicBytes is 0 or > TopicBytesMax)
        {
            throw new ArgumentException(
                $"A topic has 1 to {TopicBytesMax} bytes of UTF-8, \"{spec.Topic}\" has {topicBytes}.", nameof(spec));
        }

        LaneRule? rule = Rule(options, spec.Topic);
        string lane = spec.Lane ?? rule?.Lane ?? DefaultLane(options);
        if (options.Lanes.All(known => known.Name != lane))
        {
            throw new ArgumentException(
                $"{spec.Topic} asks for lane \"{lane}\"; the lanes are "
                + $"{string.Join(", ", options.Lanes.Select(static known => known.Name))}.", nameof(spec));
        }

        return (lane, rule is not null && rule.Lane == lane ? rule.Group : null);
    }

    /// <summary>As <see cref="Choose"/>, for a channel whose lane may be configured no more: then the rules decide.</summary>
    public static (string Lane, string? Group) ChooseAgain(RecorderOptions options, ChannelSpec asked) =>
        Choose(options, options.Lanes.Any(lane => lane.Name == asked.Lane) ? asked : asked with { Lane = null });

    private static LaneRule? Rule(RecorderOptions options, string topic) =>
        options.LaneRules.FirstOrDefault(rule => TopicGlob.Fits(rule.Topics, topic));

    /// <exception cref="ArgumentException">The topic is in use for something else.</exception>
    public static void ThrowIfDifferent(ChannelSpec known, ChannelSpec asked)
    {
        string? what =
            known.MessageEncoding != asked.MessageEncoding ? $"message encoding \"{known.MessageEncoding}\""
            : !Same(known.Schema, asked.Schema) ? $"schema \"{known.Schema?.Name ?? "none"}\", or other bytes of it"
            : asked.Lane is not null && known.Lane != asked.Lane ? $"lane \"{known.Lane}\""
            : null;
        if (what is not null)
        {
            throw new ArgumentException(
                $"Channel {asked.Topic} is in use with {what}: ask for the same, or take another topic.", nameof(asked));
        }
    }

    private static string DefaultLane(RecorderOptions options) =>
        options.DefaultLane
        ?? options.Lanes.FirstOrDefault(static lane => lane.Name == "telemetry")?.Name
        ?? options.Lanes[0].Name;

    private static bool Same(SchemaSpec? known, SchemaSpec? asked) =>
        known is null || asked is null
            ? known is null && asked is null
            : known.Name == asked.Name && known.Encoding == asked.Encoding
                && known.Data.Span.SequenceEqual(asked.Data.Span);
}
