using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// A chunk of which parts are here. Its memory counts against the staging's limit until it is disposed.
/// </summary>
internal sealed class StagedChunk : IDisposable
{
    private readonly PartStaging _staging;
    private byte[]? _buffer;

    public StagedChunk(PartStaging staging, string vehicleId, ChunkHeader header, long now)
    {
        _staging = staging;
        VehicleId = vehicleId;
        Header = header;
        Key = ChunkKey.From(header.Ref);
        TouchedAt = now;
        _buffer = ArrayPool<byte>.Shared.Rent(BodyBytes);
    }

    public string VehicleId { get; }

    public ChunkHeader Header { get; }

    public ChunkKey Key { get; }

    public int BodyBytes => (int)Header.BodyBytes;

    /// <summary>How much of the body is here, from its start.</summary>
    public int HeldBytes { get; private set; }

    /// <summary>A timestamp of the time provider.</summary>
    public long TouchedAt { get; private set; }

    public bool IsWhole => HeldBytes == BodyBytes;

    /// <summary>What is here; valid until the chunk is disposed.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(0, HeldBytes);

    /// <summary>
    /// Adds what of the data is new. False: it begins behind what is here, or goes beyond the body.
    /// </summary>
    public bool TryAppend(ulong offset, ReadOnlySpan<byte> data, long now)
    {
        if (offset > (ulong)HeldBytes || offset + (ulong)data.Length > (ulong)BodyBytes)
            return false;
        TouchedAt = now;
        int known = HeldBytes - (int)offset;
        if (known >= data.Length)
            return true;
        data[known..].CopyTo(_buffer.AsSpan(HeldBytes));
        HeldBytes += data.Length - known;
        return true;
    }

    public void Dispose()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        _staging.Release(BodyBytes);
    }
}
