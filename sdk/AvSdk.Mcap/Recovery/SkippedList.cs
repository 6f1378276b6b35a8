namespace AvSdk.Mcap;

/// <summary>
/// What a recovery leaves out. Records of one channel that are left out for one reason are one entry, however many;
/// a record that follows another without a gap and for the same reason joins its entry. The sums go on when the list
/// is full.
/// </summary>
internal sealed class SkippedList
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<(McapErrorKind, ushort), Entry> _channels = [];
    private Entry? _growing;
    private long _messages;
    private long _unknown;

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Messages in all of it; null when one entry does not know.</summary>
    public long? Messages => _unknown > 0 ? null : _messages;

    /// <summary>A part by itself.</summary>
    public Entry Add(long offset, long bytes, McapError error, long? messages)
    {
        Entry entry = new(offset, error);
        Count++;
        if (_entries.Count < McapRecoveryReport.EntriesMax)
            _entries.Add(entry);
        _unknown++;
        _growing = null;
        Grow(entry, bytes, 0);
        if (messages is long known)
            Tell(entry, known);
        return entry;
    }

    /// <summary>A record that may be one of many.</summary>
    public void AddRecord(long offset, long bytes, McapError error, long messages)
    {
        if (_growing is not null && _growing.End == offset && _growing.Error.Kind == error.Kind)
            Grow(_growing, bytes, messages);
        else
            _growing = Add(offset, bytes, error, messages);
    }

    /// <summary>A record of a channel, wherever it stands.</summary>
    public void AddOfChannel(ushort channelId, long offset, long bytes, McapError error, long messages)
    {
        if (_channels.TryGetValue((error.Kind, channelId), out Entry? entry))
            Grow(entry, bytes, messages);
        else
            _channels.Add((error.Kind, channelId), Add(offset, bytes, error, messages));
    }

    /// <summary>How many messages an entry has cost, once that is known.</summary>
    public void Tell(Entry entry, long messages)
    {
        if (entry.Messages is null)
            _unknown--;
        _messages += messages - (entry.Messages ?? 0);
        entry.Messages = messages;
    }

    public IReadOnlyList<McapSkipped> ToList() =>
        [.. _entries.Select(e => new McapSkipped(e.Offset, e.Bytes, e.Error, e.Messages)).OrderBy(e => e.Offset)];

    private void Grow(Entry entry, long bytes, long messages)
    {
        entry.Bytes += bytes;
        Bytes += bytes;
        if (messages != 0 && entry.Messages is long before)
            Tell(entry, before + messages);
    }

    internal sealed class Entry(long offset, McapError error)
    {
        public long Offset => offset;

        public McapError Error => error;

        public long Bytes { get; set; }

        public long? Messages { get; set; }

        public long End => offset + Bytes;
    }
}
