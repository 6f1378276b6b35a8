using System.Collections.Concurrent;
using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Ingest;

/// <summary>Which vehicles have a stream open, and when each was last heard of. Safe for threads.</summary>
internal sealed class ConnectedVehicles(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Presence> _vehicles = new(StringComparer.Ordinal);

    /// <summary>Names of all that connected since the gateway started.</summary>
    public ICollection<string> Names => _vehicles.Keys;

    /// <summary>
    /// A stream begins; disposing the result ends it. <paramref name="ask"/> must not block.
    /// </summary>
    public IDisposable Enter(string vehicleId, Action<IReadOnlyList<ChunkRef>> ask)
    {
        Presence presence = _vehicles.GetOrAdd(vehicleId, static _ => new Presence());
        Visit visit = new(this, presence, ask);
        lock (presence)
            presence.Visits.Add(visit);
        Heard(vehicleId);
        return visit;
    }

    public void Heard(string vehicleId)
    {
        if (_vehicles.TryGetValue(vehicleId, out Presence? presence))
            Interlocked.Exchange(ref presence.LastSeen, Now());
    }

    /// <summary>ns since 1970; 0: not since the gateway started.</summary>
    public ulong LastSeen(string vehicleId) =>
        _vehicles.TryGetValue(vehicleId, out Presence? presence)
            ? (ulong)Interlocked.Read(ref presence.LastSeen)
            : 0;

    public bool IsConnected(string vehicleId)
    {
        if (!_vehicles.TryGetValue(vehicleId, out Presence? presence))
            return false;
        lock (presence)
            return presence.Visits.Count > 0;
    }

    /// <summary>Asks the vehicle's newest stream for these chunks; false: it has none.</summary>
    public bool TryAsk(string vehicleId, IReadOnlyList<ChunkRef> chunks)
    {
        if (!_vehicles.TryGetValue(vehicleId, out Presence? presence))
            return false;
        lock (presence)
        {
            if (presence.Visits.Count == 0)
                return false;
            presence.Visits[^1].Ask(chunks);
            return true;
        }
    }

    private sealed class Presence
    {
        public long LastSeen;

        public List<Visit> Visits { get; } = [];
    }

    private sealed class Visit(
        ConnectedVehicles owner, Presence presence, Action<IReadOnlyList<ChunkRef>> ask) : IDisposable
    {
        public Action<IReadOnlyList<ChunkRef>> Ask { get; } = ask;

        public void Dispose()
        {
            lock (presence)
                presence.Visits.Remove(this);
            Interlocked.Exchange(ref presence.LastSeen, owner.Now());
        }
    }

    // ns since 1970.
    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
