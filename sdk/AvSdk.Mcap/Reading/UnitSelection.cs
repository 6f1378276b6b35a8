namespace AvSdk.Mcap;

/// <summary>Which messages of a unit a query wants.</summary>
internal sealed class UnitSelection
{
    private readonly Definitions _definitions;
    private readonly ulong _from;
    private readonly ulong _last;
    private readonly bool[]? _wanted;
    private readonly bool _nothing;

    public UnitSelection(Definitions definitions, McapQuery query)
    {
        _definitions = definitions;
        ByLogTime = query.Order == McapOrder.LogTime;
        _from = query.From;
        _nothing = query.To == 0;
        _last = (query.To ?? 0) - 1;
        if (query.Topics is null)
            return;
        HashSet<string> topics = [.. query.Topics];
        _wanted = new bool[definitions.Channels.Count == 0 ? 0 : definitions.Channels.Keys.Max() + 1];
        foreach (McapChannel channel in definitions.Channels.Values)
            _wanted[channel.Id] = topics.Contains(channel.Topic);
    }

    public bool ByLogTime { get; }

    /// <summary>Whether a unit can hold something wanted; no channels: nothing is known of them.</summary>
    public bool Wants(ulong start, ulong end, IEnumerable<ushort> channels, bool channelsAreKnown) =>
        !_nothing && end >= _from && start <= _last && (!channelsAreKnown || channels.Any(Wants));

    public bool Wants(in McapMessageView message, out McapError error)
    {
        error = default;
        if (_definitions.Channel(message.ChannelId) is null)
        {
            error = DefinitionErrors.UnknownChannel(message.ChannelId);
            return false;
        }

        return message.LogTime >= _from && message.LogTime <= _last && !_nothing && Wants(message.ChannelId);
    }

    private bool Wants(ushort channelId) =>
        _wanted is null || (channelId < _wanted.Length && _wanted[channelId]);
}
