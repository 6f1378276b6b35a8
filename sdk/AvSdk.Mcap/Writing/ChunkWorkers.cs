namespace AvSdk.Mcap;

/// <summary>
/// Threads that make bodies of filled chunks. Chunks are taken on in the order of <see cref="Submit"/> and
/// given back in the same order, whichever is done first.
/// </summary>
/// <remarks>
/// One caller. The threads are their own, not the pool's: a caller that blocks in
/// <see cref="TakeOldest"/> on a thread of an exhausted pool would wait for itself.
/// </remarks>
internal sealed class ChunkWorkers
{
    private readonly object _gate = new();
    private readonly Action<Exception> _onFailure;
    private readonly Entry[] _ring;
    private readonly Task[] _threads;
    private long _submitted;
    private long _begun;
    private long _taken;
    private bool _stopping;

    /// <param name="workers">Threads, from 1.</param>
    /// <param name="slots">The most chunks that are under way at once.</param>
    /// <param name="onFailure">Called by the thread whose chunk failed, before it is done.</param>
    public ChunkWorkers(int workers, int slots, Action<Exception> onFailure)
    {
        _onFailure = onFailure;
        _ring = new Entry[slots];
        _threads = new Task[workers];
        for (int i = 0; i < workers; i++)
        {
            _threads[i] = Task.Factory.StartNew(
                Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Chunks that were submitted and not taken.</summary>
    public int UnderWay => (int)(_submitted - _taken);

    /// <summary>Hands a chunk to the workers; fewer than the most are under way.</summary>
    public void Submit(ChunkSlot slot)
    {
        lock (_gate)
        {
            _ring[_submitted++ % _ring.Length] = new Entry { Slot = slot };
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the oldest chunk is done, and takes it; one is under way.</summary>
    public ChunkSlot TakeOldest()
    {
        lock (_gate)
        {
            while (!_ring[_taken % _ring.Length].IsDone)
                Monitor.Wait(_gate);
            return Take();
        }
    }

    /// <summary>Takes the oldest chunk if it is done; null: it is not, or there is none.</summary>
    public ChunkSlot? TryTakeOldest()
    {
        lock (_gate)
            return UnderWay > 0 && _ring[_taken % _ring.Length].IsDone ? Take() : null;
    }

    /// <summary>Ends the threads; chunks that none has begun are left. Ends when the last thread has.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        return Task.WhenAll(_threads);
    }

    /// <summary>Waits, without a scheduler, for what <see cref="StopAsync"/> began.</summary>
    public void Stop()
    {
        _ = StopAsync();
        Task.WaitAll(_threads);
    }

    private ChunkSlot Take()
    {
        ref Entry entry = ref _ring[_taken++ % _ring.Length];
        ChunkSlot slot = entry.Slot;
        entry = default;
        return slot;
    }

    private void Run()
    {
        while (true)
        {
            long at;
            ChunkSlot slot;
            lock (_gate)
            {
                while (_begun == _submitted && !_stopping)
                    Monitor.Wait(_gate);
                if (_stopping)
                    return;
                at = _begun++ % _ring.Length;
                slot = _ring[at].Slot;
            }

            try
            {
                slot.MakeBody();
            }
            catch (Exception e)
            {
                _onFailure(e);
            }

            lock (_gate)
            {
                _ring[at].IsDone = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private struct Entry
    {
        public ChunkSlot Slot;
        public bool IsDone;
    }
}
