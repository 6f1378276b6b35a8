using AvSdk.Mqtt.Transport;

namespace AvSdk.Mqtt;

/// <summary>Finds all problems of a client's options at once.</summary>
internal static class MqttClientOptionsCheck
{
    public static IReadOnlyList<string> Problems(MqttClientOptions options)
    {
        List<string> problems = [];
        if (options.ConnectChannel is null && MqttAddress.Problem(options.Address) is { } problem)
            problems.Add(problem);
        RequireRange(problems, nameof(options.ReceiveMaximum), options.ReceiveMaximum, 1, 65_535);
        RequireRange(problems, nameof(options.PacketBytesMax), options.PacketBytesMax, 32, 268_435_460);
        RequireRange(problems, nameof(options.TopicAliasMaximum), options.TopicAliasMaximum, 0, 65_535);
        RequireRange(problems, nameof(options.PublishTopicAliasMaximum), options.PublishTopicAliasMaximum, 0, 65_535);
        RequireRange(problems, nameof(options.PublishQueueMax), options.PublishQueueMax, 1, int.MaxValue);
        RequireRange(problems, nameof(options.WaitingMessagesMax), options.WaitingMessagesMax, 1, int.MaxValue);
        RequireRange(problems, nameof(options.UnacknowledgedBytesMax), options.UnacknowledgedBytesMax, 1, long.MaxValue);
        RequireRange(problems, nameof(options.WaitingBytesMax), options.WaitingBytesMax, 1, long.MaxValue);
        if (options.UnsentBytesMax is { } unsent)
            RequireRange(problems, nameof(options.UnsentBytesMax), unsent, 1, int.MaxValue);
        RequireTime(problems, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(1));
        RequireTime(problems, nameof(options.PingTimeout), options.PingTimeout, TimeSpan.FromMilliseconds(1));
        if (options.KeepAlive != TimeSpan.Zero)
            RequireTime(problems, nameof(options.KeepAlive), options.KeepAlive, TimeSpan.FromSeconds(1));
        if (options.SessionExpiry < TimeSpan.Zero && options.SessionExpiry != Timeout.InfiniteTimeSpan)
            problems.Add($"SessionExpiry is {options.SessionExpiry}: use zero or more, or Timeout.InfiniteTimeSpan.");
        if (options.Password is { Length: > 65_535 })
            problems.Add($"Password has {options.Password.Value.Length} bytes: at most 65535.");
        if (options.Will is { } will)
            CheckWill(problems, will);
        return problems;
    }

    private static void CheckWill(List<string> problems, MqttWill will)
    {
        if (!MqttTopic.IsName(will.Topic))
            problems.Add($"Will.Topic is \"{will.Topic}\": use a topic name, without wildcards.");
        if (will.ResponseTopic is { } response && !MqttTopic.IsName(response))
            problems.Add($"Will.ResponseTopic is \"{response}\": use a topic name, without wildcards.");
        if (will.Payload.Length > 65_535)
            problems.Add($"Will.Payload has {will.Payload.Length} bytes: at most 65535.");
        if (will.CorrelationData.Length > 65_535)
            problems.Add($"Will.CorrelationData has {will.CorrelationData.Length} bytes: at most 65535.");
        if (will.Qos > MqttQos.ExactlyOnce)
            problems.Add($"Will.Qos is {(int)will.Qos}: use 0, 1 or 2.");
        if (will.Delay < TimeSpan.Zero)
            problems.Add($"Will.Delay is {will.Delay}: use zero or more.");
    }

    private static void RequireRange(List<string> problems, string key, long value, long least, long most)
    {
        if (value < least || value > most)
            problems.Add($"{key} is {value}: use {least} to {most}.");
    }

    private static void RequireTime(List<string> problems, string key, TimeSpan value, TimeSpan least)
    {
        TimeSpan most = TimeSpan.FromSeconds(65_535);
        if (value < least || value > most)
            problems.Add($"{key} is {value}: use {least} to {most}.");
    }
}
