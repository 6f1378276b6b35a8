using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.V1;

namespace AvSdk.Uplink;

/// <summary>
/// Whether somebody else connects to the broker as this vehicle. What is retained of the vehicle there is then another's,
/// and that tells even where a broker (mosquitto 2.0) does not say to whom it is that it ends a connection for another's.
/// Safe for threads.
/// </summary>
internal sealed class SharedNameWatch(TimeProvider time)
{
    private const int OwnMax = 32;

    // The last word of a process that was here before may come late: once is no proof.
    private const int Proof = 2;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Queue<string> _own = new();
    private int _seen;
    private long _seenAt;

    /// <summary>True: there is somebody, or was some minutes ago.</summary>
    public bool IsShared
    {
        get
        {
            lock (_gate)
                return _seen >= Proof && time.GetElapsedTime(_seenAt) < Memory;
        }
    }

    /// <summary>A connection of our own begins.</summary>
    public void Begin(string connection)
    {
        lock (_gate)
        {
            _own.Enqueue(connection);
            if (_own.Count > OwnMax)
                _own.Dequeue();
        }
    }

    /// <summary>What the broker says of the vehicle. True: now it is known that somebody else is there.</summary>
    /// <param name="status">The vehicle's.</param>
    /// <param name="isRetained">From before this connection; else somebody says it now.</param>
    public bool See(VehicleStatus status, bool isRetained)
    {
        lock (_gate)
        {
            bool isOwn = !CarrierTopics.IsHexadecimal(status.Connection) || _own.Contains(status.Connection);
            if (isOwn && isRetained)
                _seen = 0;

            // The first connection finds what an earlier process left; who is gone now is no rival either.
            if (isOwn || (isRetained ? _own.Count < 2 : !status.Online))
                return false;
            bool wasShared = _seen >= Proof && time.GetElapsedTime(_seenAt) < Memory;
            _seen += isRetained ? 1 : Proof;
            _seenAt = time.GetTimestamp();
            return !wasShared && _seen >= Proof;
        }
    }
}
