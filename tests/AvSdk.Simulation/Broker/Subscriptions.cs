using AvSdk.Mqtt;

namespace AvSdk.Simulation.Broker;

/// <summary>A client's subscription; with a group, one of the group's gets each message.</summary>
internal sealed record Subscription(MqttSubscription Options, string Filter, string? Group)
{
    private const string Shared = "$share/";

    public static Subscription Of(MqttSubscription options)
    {
        if (!options.Filter.StartsWith(Shared, StringComparison.Ordinal))
            return new Subscription(options, options.Filter, null);
        string rest = options.Filter[Shared.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return new Subscription(options, rest[(slash + 1)..], rest[..slash]);
    }

    /// <summary>MQTT 5, section 4.7.</summary>
    public bool Matches(string topic)
    {
        string[] wanted = Filter.Split('/'), levels = topic.Split('/');
        for (int at = 0; at < wanted.Length; at++)
        {
            if (wanted[at] == "#")
                return true;
            if (at >= levels.Length || (wanted[at] != "+" && wanted[at] != levels[at]))
                return false;
        }

        return wanted.Length == levels.Length;
    }
}
