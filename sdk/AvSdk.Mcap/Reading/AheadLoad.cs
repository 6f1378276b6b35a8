using System.Runtime.ExceptionServices;

namespace AvSdk.Mcap;

/// <summary>One unit being loaded by the thread pool. Its task never fails: what went wrong is kept for the one who
/// needs the unit.</summary>
internal sealed class AheadLoad
{
    private LoadedUnit? _loaded;
    private ExceptionDispatchInfo? _error;

    private AheadLoad(long reservedBytes)
    {
        ReservedBytes = reservedBytes;
        Done = Task.CompletedTask;
    }

    /// <summary>Bytes counted for it when it was begun.</summary>
    public long ReservedBytes { get; }

    public Task Done { get; private set; }

    public static AheadLoad Begin(Func<Task<LoadedUnit>> load, long reservedBytes)
    {
        AheadLoad begun = new(reservedBytes);
        begun.Done = Task.Run(() => begun.RunAsync(load), CancellationToken.None);
        return begun;
    }

    /// <summary>The loaded unit, which is the caller's, or what went wrong; once, after <see cref="Done"/>.</summary>
    public LoadedUnit Take()
    {
        _error?.Throw();
        LoadedUnit loaded = _loaded!;
        _loaded = null;
        return loaded;
    }

    /// <summary>Nobody needs it any more; after <see cref="Done"/>.</summary>
    public void Discard() => _loaded?.Dispose();

    private async Task RunAsync(Func<Task<LoadedUnit>> load)
    {
        try
        {
            _loaded = await load().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is thrown where the unit is needed.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _error = ExceptionDispatchInfo.Capture(e);
        }
    }
}
