using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>Marks that the agent has not answered yet. Safe for use from any number of threads.</summary>
internal sealed class PendingMarks
{
    public const int Max = 256;

    private readonly Lock _gate = new();
    private readonly List<RecordingMark> _marks = [];
    private int _sent;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _marks.Count == 0;
        }
    }

    /// <summary>False: there are too many.</summary>
    public bool TryAdd(RecordingMark mark)
    {
        lock (_gate)
        {
            if (_marks.Count >= Max)
                return false;
            _marks.Add(mark);
            return true;
        }
    }

    /// <summary>Those to send on this connection.</summary>
    public IReadOnlyList<RecordingMark> Take()
    {
        lock (_gate)
        {
            RecordingMark[] marks = [.. _marks.Skip(_sent)];
            _sent = _marks.Count;
            return marks;
        }
    }

    /// <summary>The agent answered; null: to nothing that was asked.</summary>
    public RecordingMark? Answer(Guid id)
    {
        lock (_gate)
        {
            int at = _marks.FindIndex(mark => mark.Id == id);
            if (at < 0)
                return null;
            RecordingMark mark = _marks[at];
            _marks.RemoveAt(at);
            if (at < _sent)
                _sent--;
            return mark;
        }
    }

    /// <summary>On the next connection all go again: the agent takes each once.</summary>
    public void Rewind()
    {
        lock (_gate)
            _sent = 0;
    }
}
