namespace AvSdk.Recording.Uplink;

/// <summary>What an uplink has done, for its status. Safe for any number of threads.</summary>
internal sealed class UploadCounters
{
    private readonly Lock _gate = new();
    private UplinkState _state = UplinkState.Connecting;
    private string? _lastError;
    private long _attempts;
    private long _partBytes;
    private long _delivered;
    private long _rejected;
    private long _read;

    public UplinkState State
    {
        set
        {
            lock (_gate)
                _state = value;
        }
    }

    /// <summary>Chunks whose whole body was read from the spool.</summary>
    public long Read => Volatile.Read(ref _read);

    public void AddRead() => Interlocked.Increment(ref _read);

    public void Connect()
    {
        lock (_gate)
        {
            _attempts++;
            _state = UplinkState.Connecting;
        }
    }

    public void Fail(string error)
    {
        lock (_gate)
        {
            _lastError = error;
            _state = UplinkState.Waiting;
        }
    }

    public void AddPart(long bytes) => Interlocked.Add(ref _partBytes, bytes);

    public void AddDelivered() => Interlocked.Increment(ref _delivered);

    public void AddRejected() => Interlocked.Increment(ref _rejected);

    public UplinkStatus ToStatus(string name)
    {
        lock (_gate)
        {
            return new UplinkStatus(
                name, _state, _lastError, _attempts, Volatile.Read(ref _partBytes), Volatile.Read(ref _delivered),
                Volatile.Read(ref _rejected));
        }
    }
}
