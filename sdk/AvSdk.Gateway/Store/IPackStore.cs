using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Store;

/// <summary>Keeps packs: each a standard MCAP file with chunks of one recording.</summary>
/// <remarks>
/// Safe for use from any number of tasks. Failures of the storage are <see cref="IOException"/>s whose
/// message names the remedy.
/// </remarks>
public interface IPackStore : IAsyncDisposable
{
    /// <summary>
    /// The largest number among a recording's packs, whether the index knows them or not; 0: it has none.
    /// </summary>
    ValueTask<int> FindLastNumberAsync(
        string vehicleId, Guid recordingId, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a pack with the recording's definitions. What is there under that name already may hold chunks
    /// with receipts, and stays as it is.
    /// </summary>
    /// <exception cref="PackExistsException">There is such a pack.</exception>
    ValueTask<IPackWriter> CreateAsync(
        PackId id, RecordingDefinitions definitions, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an unsealed pack whole: what lies behind <paramref name="keepBytes"/> is cut off, the summary
    /// written. With 0, or nothing there, the pack is removed and the result is false. A sealed pack stays as
    /// it is.
    /// </summary>
    ValueTask<bool> RepairAsync(PackId id, long keepBytes, CancellationToken cancellationToken);

    /// <summary>Fills <paramref name="destination"/> from a pack, open or sealed.</summary>
    ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>A whole pack for reading; the caller disposes the stream.</summary>
    ValueTask<Stream> OpenReadAsync(PackId id, CancellationToken cancellationToken);

    /// <summary>Every pack, in order of vehicle, recording and number.</summary>
    IAsyncEnumerable<PackId> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes and removes something small, to find out whether the store can be written to.
    /// </summary>
    ValueTask CheckWritableAsync(CancellationToken cancellationToken);
}
