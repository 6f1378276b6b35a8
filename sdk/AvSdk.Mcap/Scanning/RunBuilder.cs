namespace AvSdk.Mcap;

/// <summary>Collects consecutive messages outside of chunks into a run.</summary>
internal sealed class RunBuilder
{
    private Dictionary<ushort, ulong> _messages = [];
    private long _offset;
    private long _end;
    private ulong _start;
    private ulong _last;

    public long Bytes => _messages.Count == 0 ? 0 : _end - _offset;

    public void Add(long offset, long end, ushort channelId, ulong logTime)
    {
        if (_messages.Count == 0)
        {
            _offset = offset;
            _start = logTime;
            _last = logTime;
        }

        _end = end;
        _start = Math.Min(_start, logTime);
        _last = Math.Max(_last, logTime);
        _messages[channelId] = _messages.GetValueOrDefault(channelId) + 1;
    }

    /// <summary>A definition stands between two messages: the run goes on over it.</summary>
    public void Skip(long end) => _end = end;

    public McapScannedRun? Take()
    {
        if (_messages.Count == 0)
            return null;
        McapScannedRun run = new(_offset, _end - _offset, _start, _last, _messages);
        _messages = [];
        return run;
    }
}
