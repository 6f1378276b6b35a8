using AvSdk.Contracts.Identity;
using Microsoft.Extensions.Logging;

namespace AvSdk.Identity;

/// <summary>
/// A connection, or a pool of them, that is made anew when the credentials changed; the old one is closed when its last
/// user is done with it. Safe for threads.
/// </summary>
internal sealed class Rotating<T>(
    AvCredentials? credentials, ILogger logger, Func<IdentityMaterial?, T> make, Func<T, ValueTask> close)
    : IAsyncDisposable
    where T : class
{
    private readonly Lock _lock = new();
    private readonly HashSet<Lease> _alive = [];
    private Lease? _current;
    private bool _isDisposed;

    /// <summary>The value of now, which stays open until the lease is disposed.</summary>
    public Use Take()
    {
        IdentityMaterial? material = credentials?.Latest(logger);
        Lease? outdated = null;
        Lease taken;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_current is null || _current.Material != material)
            {
                outdated = _current is { Users: 0 } unused && _alive.Remove(unused) ? unused : null;
                _alive.Add(_current = new Lease(make(material), material));
            }

            taken = _current;
            taken.Users++;
        }

        // Both kinds of value close without waiting.
        if (outdated is not null)
            _ = close(outdated.Value).AsTask();
        return new Use(this, taken);
    }

    /// <summary>Closes all; what is under way over them fails.</summary>
    public async ValueTask DisposeAsync()
    {
        Lease[] left;
        lock (_lock)
        {
            _isDisposed = true;
            left = [.. _alive];
            _alive.Clear();
        }

        foreach (Lease lease in left)
            await close(lease.Value).ConfigureAwait(false);
    }

    private ValueTask ReturnAsync(Lease lease)
    {
        lock (_lock)
        {
            if (--lease.Users > 0 || lease == _current || !_alive.Remove(lease))
                return ValueTask.CompletedTask;
        }

        return close(lease.Value);
    }

    /// <summary>One user's hold on a value.</summary>
    internal sealed class Use(Rotating<T> owner, Lease lease) : IAsyncDisposable
    {
        private int _returned;

        public T Value => lease.Value;

        public ValueTask DisposeAsync() =>
            Interlocked.Exchange(ref _returned, 1) == 0 ? owner.ReturnAsync(lease) : ValueTask.CompletedTask;
    }

    internal sealed class Lease(T value, IdentityMaterial? material)
    {
        public T Value { get; } = value;

        public IdentityMaterial? Material { get; } = material;

        public int Users { get; set; }
    }
}
