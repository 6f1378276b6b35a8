namespace AvSdk.Recording;

/// <summary>When what was recorded survives a power cut: a lane's contract.</summary>
public abstract record LaneDurability
{
    private LaneDurability()
    {
    }

    /// <summary>Written, never flushed: survives a kill of the process, not a power cut.</summary>
    public static LaneDurability Memory { get; } = new InMemory();

    /// <summary>Flushed after each chunk, or batch of chunks, before it counts as recorded.</summary>
    public static LaneDurability Sync { get; } = new EachBatch();

    /// <summary>
    /// Flushed within <paramref name="window"/> of a message's acceptance, while the disk keeps up: a power cut loses
    /// that much and no more. Four fifths of it at most pass in the open chunk.
    /// </summary>
    public static LaneDurability Interval(TimeSpan window) => new EveryInterval(window);

    /// <summary>See <see cref="LaneDurability.Memory"/>.</summary>
    public sealed record InMemory : LaneDurability
    {
        internal InMemory()
        {
        }

        /// <inheritdoc/>
        public override string ToString() => "memory";
    }

    /// <summary>See <see cref="LaneDurability.Sync"/>.</summary>
    public sealed record EachBatch : LaneDurability
    {
        internal EachBatch()
        {
        }

        /// <inheritdoc/>
        public override string ToString() => "sync";
    }

    /// <summary>See <see cref="LaneDurability.Interval"/>.</summary>
    /// <param name="Window">10 ms to 60 s.</param>
    public sealed record EveryInterval(TimeSpan Window) : LaneDurability
    {
        /// <inheritdoc/>
        public override string ToString() =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"interval({Window.TotalMilliseconds} ms)");
    }
}
