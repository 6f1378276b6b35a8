namespace AvSdk.Mcap;

/// <summary>
/// Counts what a skipped chunk has cost by the message indexes that follow it. Says a number only when they are
/// whole, and as many as the summary says where it says so.
/// </summary>
internal sealed class PendingLoss(SkippedList skipped)
{
    private SkippedList.Entry? _entry;
    private readonly HashSet<ushort> _channels = [];
    private McapChunkIndex? _index;
    private long _kept;
    private long _messages;
    private bool _isGood;

    /// <summary>A chunk was skipped from some place on, after so many of its messages were seen.</summary>
    public void Begin(SkippedList.Entry entry, McapChunkIndex? index, long seen)
    {
        _entry = entry;
        _index = index;
        _kept = seen;
        _messages = 0;
        _isGood = true;
        _channels.Clear();
    }

    /// <summary>What came after the chunk: another message index, or something else.</summary>
    public void Take(RecordWalker next)
    {
        if (_entry is null)
            return;
        if (!next.IsGap && next.Opcode == McapOpcode.MessageIndex)
        {
            bool parsed = McapRecordReader.TryParseMessageIndex(next.Content, out McapMessageIndexView index, out _);
            _isGood &= parsed && _channels.Add(index.ChannelId);
            _messages += index.Count;
            return;
        }

        bool endsWell = !next.IsGap && next.Opcode is McapOpcode.Chunk or McapOpcode.DataEnd or McapOpcode.Attachment
            or McapOpcode.Metadata or McapOpcode.Schema or McapOpcode.Channel;
        bool isAll = _channels.Count > 0 && (_index is null || _index.MessageIndexOffsets.Count == _channels.Count);
        if (_isGood && endsWell && isAll && _messages >= _kept)
            skipped.Tell(_entry, _messages - _kept);
        _entry = null;
    }
}
