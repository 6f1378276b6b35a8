namespace AvSdk.Mcap;

/// <summary>
/// A chunk, or a run of records outside of chunks, on a query's way through the file: loaded or not, and how
/// far it was given. One that is let go keeps only this.
/// </summary>
internal sealed class ReadUnit(McapChunkIndex? chunk, McapScannedRun? run)
{
    /// <summary>The chunk's index; null for a run.</summary>
    public McapChunkIndex? Chunk => chunk;

    /// <summary>Place in the file among the query's units: what decides between equal times.</summary>
    public int Number { get; set; }

    /// <summary>File offset of the first record.</summary>
    public long Offset { get; } = chunk is null ? run!.Offset : (long)chunk.ChunkStartOffset;

    /// <summary>Bytes in the file, as the index says; not yet checked.</summary>
    public ulong Bytes { get; } = chunk?.ChunkLength ?? (ulong)run!.Bytes;

    public ulong StartTime { get; } = chunk?.MessageStartTime ?? run!.MessageStartTime;

    public ulong EndTime { get; } = chunk?.MessageEndTime ?? run!.MessageEndTime;

    /// <summary>The channels that it has messages of; null when that is not known.</summary>
    public IEnumerable<ushort>? Channels { get; } =
        chunk is null ? run!.Messages.Keys : chunk.MessageIndexOffsets.Count > 0 ? chunk.MessageIndexOffsets.Keys : null;

    /// <summary>When set: the offsets of the only messages that are wanted, in file order.</summary>
    public int[]? Only { get; set; }

    /// <summary>The next message's key; before the first load nothing in the unit comes before it.</summary>
    public UnitKey Key { get; set; }

    /// <summary>Messages already given.</summary>
    public int Given { get; set; }

    /// <summary>Its records, while they are in memory.</summary>
    public LoadedUnit? Loaded { get; set; }

    /// <summary>Whether it was loaded, and let go before it was used up.</summary>
    public bool IsLetGo { get; set; }

    /// <summary>The load that the pool has begun; null: none, or it was taken.</summary>
    public AheadLoad? Ahead { get; set; }

    /// <summary>The read that has its bytes, until they are taken.</summary>
    public MergedRead? Merged { get; set; }

    /// <summary>Whether a load of it was taken before: good, or not, or let go since. Then it is read by itself.</summary>
    public bool WasTried { get; set; }
}
