namespace AvSdk.Gateway.Mqtt;

/// <summary>
/// Names of the sessions that ended last: what still comes for them is passed over in silence. Safe for threads.
/// </summary>
internal sealed class EndedSessions
{
    private const int NamesMax = 4096;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>False: it was here.</summary>
    public bool Add(string session)
    {
        lock (_lock)
        {
            if (!_names.Add(session))
                return false;
            _oldestFirst.Enqueue(session);
            if (_oldestFirst.Count > NamesMax)
                _names.Remove(_oldestFirst.Dequeue());
            return true;
        }
    }

    public bool Has(string session)
    {
        lock (_lock)
            return _names.Contains(session);
    }
}
