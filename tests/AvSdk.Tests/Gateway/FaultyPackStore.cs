using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;

namespace AvSdk.Tests.Gateway;

/// <summary>A store on another that notes what happens, and fails when it is told to.</summary>
internal sealed class FaultyPackStore(IPackStore inner, List<string> events) : IPackStore
{
    private int _open;

    /// <summary>The most packs that were open at a time.</summary>
    public int MostOpen { get; private set; }

    public bool FailsCreate { get; set; }

    /// <summary>The bytes get there, and then the disk refuses.</summary>
    public bool FailsAfterAppend { get; set; }

    public bool FailsFlush { get; set; }

    /// <summary>A flush goes on when this ends.</summary>
    public Task FlushMayGoOn { get; set; } = Task.CompletedTask;

    public bool FailsSeal { get; set; }

    public bool FailsRepair { get; set; }

    /// <summary>Another pack comes up between the question for a number and the creation.</summary>
    public bool HidesLastNumber { get; set; }

    /// <summary>What it fails with; null: an IOException.</summary>
    public Exception? Failure { get; set; }

    public ValueTask<int> FindLastNumberAsync(
        string vehicleId, Guid recordingId, CancellationToken cancellationToken) =>
        HidesLastNumber ? new(0) : inner.FindLastNumberAsync(vehicleId, recordingId, cancellationToken);

    public async ValueTask<IPackWriter> CreateAsync(
        PackId id, RecordingDefinitions definitions, CancellationToken cancellationToken)
    {
        if (FailsCreate)
            throw Failure ?? new IOException("No space left on device.");
        MostOpen = Math.Max(MostOpen, ++_open);
        return new Writer(this, await inner.CreateAsync(id, definitions, cancellationToken));
    }

    public ValueTask<bool> RepairAsync(PackId id, long keepBytes, CancellationToken cancellationToken)
    {
        Note($"repair {id.Number}");
        if (FailsRepair)
            throw Failure ?? new IOException("Input/output error.");
        return inner.RepairAsync(id, keepBytes, cancellationToken);
    }

    public ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(id, offset, destination, cancellationToken);

    public ValueTask<Stream> OpenReadAsync(PackId id, CancellationToken cancellationToken) =>
        inner.OpenReadAsync(id, cancellationToken);

    public IAsyncEnumerable<PackId> ListAsync(CancellationToken cancellationToken) =>
        inner.ListAsync(cancellationToken);

    public ValueTask CheckWritableAsync(CancellationToken cancellationToken) =>
        inner.CheckWritableAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Note(string what)
    {
        lock (events)
            events.Add(what);
    }

    private sealed class Writer(FaultyPackStore store, IPackWriter inner) : IPackWriter
    {
        public PackId Id => inner.Id;

        public long Bytes => inner.Bytes;

        public ValueTask DefineAsync(RecordingDefinitions definitions, CancellationToken cancellationToken) =>
            inner.DefineAsync(definitions, cancellationToken);

        public async ValueTask<long> AppendAsync(
            ChunkHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            store.Note($"append {header.Ref.Sequence}");
            long offset = await inner.AppendAsync(header, body, cancellationToken);
            return store.FailsAfterAppend ? throw store.Failure ?? new IOException("Input/output error.") : offset;
        }

        public async ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            await store.FlushMayGoOn;
            if (store.FailsFlush)
                throw store.Failure ?? new IOException("fdatasync: Input/output error.");
            await inner.FlushAsync(cancellationToken);
            store.Note("flush");
        }

        public async ValueTask SealAsync(CancellationToken cancellationToken)
        {
            if (store.FailsSeal)
                throw store.Failure ?? new IOException("No space left on device.");
            await inner.SealAsync(cancellationToken);
            store.Note($"seal {Id.Number}");
        }

        public ValueTask DisposeAsync()
        {
            store._open--;
            return inner.DisposeAsync();
        }
    }
}
