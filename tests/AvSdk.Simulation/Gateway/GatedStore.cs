using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;

namespace AvSdk.Simulation.Gateway;

/// <summary>The pack store behind a <see cref="PortGate"/>.</summary>
internal sealed class GatedStore(IPackStore inner, PortGate gate) : IPackStore
{
    public ValueTask<int> FindLastNumberAsync(string vehicleId, Guid id, CancellationToken cancellationToken) =>
        gate.PassAsync("store last number", () => inner.FindLastNumberAsync(vehicleId, id, cancellationToken));

    public ValueTask<IPackWriter> CreateAsync(
        PackId id, RecordingDefinitions definitions, CancellationToken cancellationToken) =>
        gate.PassAsync<IPackWriter>(
            "store create",
            async () => new Writer(await inner.CreateAsync(id, definitions, cancellationToken), gate));

    public ValueTask<bool> RepairAsync(PackId id, long keepBytes, CancellationToken cancellationToken) =>
        gate.PassAsync("store repair", () => inner.RepairAsync(id, keepBytes, cancellationToken));

    public ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        gate.PassAsync("store read", () => inner.ReadAsync(id, offset, destination, cancellationToken));

    public ValueTask<Stream> OpenReadAsync(PackId id, CancellationToken cancellationToken) =>
        gate.PassAsync("store open", () => inner.OpenReadAsync(id, cancellationToken));

    public IAsyncEnumerable<PackId> ListAsync(CancellationToken cancellationToken) =>
        inner.ListAsync(cancellationToken);

    public ValueTask CheckWritableAsync(CancellationToken cancellationToken) =>
        gate.PassAsync("store check", () => inner.CheckWritableAsync(cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Writer(IPackWriter inner, PortGate gate) : IPackWriter
    {
        public PackId Id => inner.Id;

        public long Bytes => inner.Bytes;

        public ValueTask DefineAsync(RecordingDefinitions definitions, CancellationToken cancellationToken) =>
            gate.PassAsync("pack define", () => inner.DefineAsync(definitions, cancellationToken));

        public ValueTask<long> AppendAsync(
            ChunkHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            gate.PassAsync("pack append", () => inner.AppendAsync(header, body, cancellationToken));

        public ValueTask FlushAsync(CancellationToken cancellationToken) =>
            gate.PassAsync("pack flush", () => inner.FlushAsync(cancellationToken));

        public ValueTask SealAsync(CancellationToken cancellationToken) =>
            gate.PassAsync("pack seal", () => inner.SealAsync(cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
