namespace AvSdk.Mqtt.Session;

/// <summary>
/// Which topics have an alias at the server (MQTT 5, section 3.3.2.3.4): those published to last. Lives as long as a
/// connection.
/// </summary>
internal sealed class OutgoingTopicAliases
{
    // Sought from the first to the last: more would cost more than they save.
    private const int SoughtMax = 32;
    private readonly List<Entry> _entries = [];
    private readonly int _max;
    private long _uses;

    public OutgoingTopicAliases(int maximum) => _max = Math.Min(maximum, SoughtMax);

    /// <summary>The alias of a topic; 0: none.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="isKnown">Whether the server knows it: then the alias stands for the topic.</param>
    public ushort Find(string topic, out bool isKnown)
    {
        isKnown = false;
        if (_max == 0)
            return 0;
        int oldest = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            if (string.Equals(_entries[i].Topic, topic, StringComparison.Ordinal))
            {
                isKnown = true;
                _entries[i] = new Entry(topic, ++_uses);
                return (ushort)(i + 1);
            }

            if (_entries[i].Used < _entries[oldest].Used)
                oldest = i;
        }

        if (_entries.Count < _max)
        {
            oldest = _entries.Count;
            _entries.Add(default);
        }

        _entries[oldest] = new Entry(topic, ++_uses);
        return (ushort)(oldest + 1);
    }

    private readonly record struct Entry(string Topic, long Used);
}
