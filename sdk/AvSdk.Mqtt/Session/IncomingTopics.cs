using System.Text;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// Topics of what arrives: the server's aliases (MQTT 5, section 3.3.2.3.4), and the texts that came last, so that a
/// topic that repeats is one string.
/// </summary>
internal sealed class IncomingTopics(int aliasMaximum)
{
    private const int RecentMax = 64;
    private readonly string?[] _aliases = new string?[aliasMaximum];
    private readonly (byte[] Bytes, string Text)[] _recent = new (byte[], string)[RecentMax];

    /// <summary>The topic's text; null with an error where the alias is over the maximum, or stands for nothing.</summary>
    public string? Resolve(ReadOnlySpan<byte> topic, ushort alias)
    {
        if (alias > _aliases.Length)
            return null;
        if (topic.IsEmpty)
            return _aliases[alias - 1];
        string text = Text(topic);
        if (alias > 0)
            _aliases[alias - 1] = text;
        return text;
    }

    private string Text(ReadOnlySpan<byte> topic)
    {
        HashCode hash = default;
        hash.AddBytes(topic);
        ref (byte[] Bytes, string Text) recent = ref _recent[(uint)hash.ToHashCode() % RecentMax];
        if (recent.Bytes is null || !topic.SequenceEqual(recent.Bytes))
            recent = (topic.ToArray(), Encoding.UTF8.GetString(topic));
        return recent.Text;
    }
}
