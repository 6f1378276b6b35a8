using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Says which patterns fit no topic of a file, and what was probably meant.</summary>
internal static class TopicRemarks
{
    public static void OnPatternsWithoutTopic(ToolConsole console, TopicPatterns patterns, McapIndexedReader reader)
    {
        string[] topics = [.. reader.Channels.Values.Select(channel => channel.Topic).Distinct()];
        foreach (string pattern in patterns.WithoutTopic(topics))
        {
            console.Remark(NearestName.Find(pattern, topics) is string near
                ? $"no topic fits '{pattern}': did you mean '{near}'?"
                : $"no topic fits '{pattern}'; \"av-mcap info\" lists them.");
        }
    }
}
