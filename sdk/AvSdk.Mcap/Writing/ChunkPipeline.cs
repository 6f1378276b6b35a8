namespace AvSdk.Mcap;

/// <summary>
/// The chunks of a writer: one open to be filled, others at the workers, written to the file in the order in
/// which they were closed. The sink is used by the caller's thread alone.
/// </summary>
/// <remarks>
/// With n workers there are n + 1 chunks: a worker that is done finds the next one filled while the caller
/// writes out and fills again what the worker gave back.
/// </remarks>
internal sealed class ChunkPipeline : IDisposable, IAsyncDisposable
{
    private readonly McapWriterOptions _options;
    private readonly WriterOutput _output;
    private readonly SummaryTally _tally;
    private readonly List<ChunkSlot> _slots = [];
    private readonly Stack<ChunkSlot> _free = [];
    private readonly int _slotsMax;
    private ChunkWorkers? _workers;
    private ChunkSlot _open;

    public ChunkPipeline(McapWriterOptions options, WriterOutput output, SummaryTally tally)
    {
        _options = options;
        _output = output;
        _tally = tally;
        _slotsMax = options.Workers + 1;
        _open = Make();
    }

    /// <summary>The open chunk; another one after <see cref="Close"/>.</summary>
    public ChunkBuilder Open => _open.Builder;

    /// <summary>Closes the open chunk, if it has messages, and opens another.</summary>
    public void Close()
    {
        if (_open.Builder.MessageCount == 0)
            return;
        if (_options.Workers == 0)
        {
            MakeBody();
            Emit(_open);
            _open.Reset();
            return;
        }

        _workers ??= new ChunkWorkers(_options.Workers, _slotsMax, _output.Fail);
        _workers.Submit(_open);
        while (_workers.TryTakeOldest() is ChunkSlot done)
            EmitAndFree(done);
        if (_free.Count == 0 && _slots.Count == _slotsMax)
            EmitAndFree(_workers.TakeOldest());
        _open = _free.Count > 0 ? _free.Pop() : Make();
    }

    /// <summary>Closes the open chunk and writes all that are under way.</summary>
    public void Drain()
    {
        Close();
        DrainWorkers();
    }

    /// <summary>Writes all that are under way; the open chunk stays open.</summary>
    public void DrainWorkers()
    {
        while (_workers is { UnderWay: > 0 })
            EmitAndFree(_workers.TakeOldest());
    }

    public void Dispose()
    {
        _workers?.Stop();
        DisposeSlots();
    }

    public async ValueTask DisposeAsync()
    {
        if (_workers is not null)
            await _workers.StopAsync().ConfigureAwait(false);
        DisposeSlots();
    }

    private ChunkSlot Make()
    {
        ChunkSlot slot = new(_options);
        _slots.Add(slot);
        return slot;
    }

    private void MakeBody()
    {
        try
        {
            _open.MakeBody();
        }
        catch (Exception e)
        {
            _output.Fail(e);
            throw;
        }
    }

    private void EmitAndFree(ChunkSlot slot)
    {
        if (_output.HasFailed)
            _output.ThrowIfNotOpen();
        Emit(slot);
        slot.Reset();
        _free.Push(slot);
    }

    private void Emit(ChunkSlot slot)
    {
        long offset = _output.Position;
        slot.WriteTo(_output);
        slot.AddTo(_tally, offset);
    }

    private void DisposeSlots()
    {
        foreach (ChunkSlot slot in _slots)
            slot.Dispose();
        _slots.Clear();
    }
}
