namespace AvSdk.Mcap;

/// <summary>Brings units from the source into memory: read or borrowed, checked, decompressed.</summary>
internal sealed class UnitLoader(IMcapSource source, McapReadOptions options, UnitSelection selection)
{
    /// <summary>
    /// The bytes that loading a unit rents at most, besides what remembers its messages; an index that lies about
    /// them is found out before they are rented.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="isRead">Whether its bytes have to be read, too.</param>
    public long BytesToRent(ReadUnit unit, bool isRead = true)
    {
        ulong read = isRead && source is not IMcapInPlaceSource ? Math.Min(unit.Bytes, int.MaxValue) : 0;
        ulong plain = unit.Chunk is { Compression.Length: > 0 } chunk
            ? Math.Min(chunk.UncompressedSize, int.MaxValue)
            : 0;
        return (long)(read + plain);
    }

    /// <summary>Loads a unit on this thread.</summary>
    public LoadedUnit Read(ReadUnit unit)
    {
        McapBytes bytes = Begin(unit, out Memory<byte> target);
        try
        {
            if (!target.IsEmpty)
                RecordRange.CheckRead(unit.Offset, target.Length, source.ReadAt(unit.Offset, target.Span));
        }
        catch
        {
            bytes.Dispose();
            throw;
        }

        return Open(unit, bytes, CancellationToken.None);
    }

    /// <summary>Loads a unit, awaiting the source.</summary>
    public async Task<LoadedUnit> ReadAsync(ReadUnit unit, CancellationToken cancellationToken)
    {
        McapBytes bytes = Begin(unit, out Memory<byte> target);
        try
        {
            if (!target.IsEmpty)
            {
                RecordRange.CheckRead(unit.Offset, target.Length,
                    await source.ReadAtAsync(unit.Offset, target, cancellationToken).ConfigureAwait(false));
            }
        }
        catch
        {
            bytes.Dispose();
            throw;
        }

        return Open(unit, bytes, cancellationToken);
    }

    /// <summary>The unit's messages, from its bytes as they stand in the file, which it owns from here on.</summary>
    public LoadedUnit Open(ReadUnit unit, McapBytes bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            bytes.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return LoadedUnit.Select(
            unit.Chunk is null ? bytes : ChunkOpener.Open(bytes, unit.Chunk, options), selection, unit);
    }

    // Bytes in place; else rented ones, of which the target is to be filled.
    private McapBytes Begin(ReadUnit unit, out Memory<byte> target)
    {
        target = default;
        int length = RecordRange.Check((ulong)unit.Offset, unit.Bytes, source.Length, options.Limits);
        if (source is not IMcapInPlaceSource inPlace)
            return McapBytes.Rent(length, options.Pool, out target);
        McapBytes bytes = inPlace.Borrow(unit.Offset, length);
        if (bytes.Memory.Length == length)
            return bytes;
        bytes.Dispose();
        RecordRange.CheckRead(unit.Offset, length, bytes.Memory.Length);
        return default;
    }
}
