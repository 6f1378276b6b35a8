using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Store;

/// <summary>
/// An open pack. One call at a time, but for <see cref="FlushAsync"/>, one of which may go beside another call. After a call
/// failed the pack must only be disposed; what of it has rows is kept by <see cref="IPackStore.RepairAsync"/>. Disposing does
/// not seal.
/// </summary>
/// <remarks>Failures of the storage are <see cref="IOException"/>s whose message names the remedy.</remarks>
public interface IPackWriter : IAsyncDisposable
{
    /// <summary>The pack's name.</summary>
    PackId Id { get; }

    /// <summary>Bytes written so far.</summary>
    long Bytes { get; }

    /// <summary>Writes those schemas and channels that are not in the pack yet.</summary>
    ValueTask DefineAsync(RecordingDefinitions definitions, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a chunk: its header in a private record, then its body byte for byte. Returns the offset of
    /// the body. Nothing is durable before <see cref="FlushAsync"/>. <paramref name="body"/> is borrowed
    /// until the task ends.
    /// </summary>
    ValueTask<long> AppendAsync(
        ChunkHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>When it returns, everything that was appended before the call survives a power cut.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes the summary and makes all durable: the pack is a whole MCAP file, and closed.
    /// </summary>
    ValueTask SealAsync(CancellationToken cancellationToken);
}
