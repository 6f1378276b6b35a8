namespace AvSdk.Recording.Links;

/// <summary>
/// What a link has spent in a day or a month. A period gives its budget once: the count begins anew when the calendar has
/// moved on, or, where the clock was set back, when the time of a whole period has passed.
/// </summary>
internal sealed class SpendPeriod(TimeSpan length)
{
    /// <summary>Which day or month it is; of one that never began, before all others.</summary>
    public long Number { get; private set; } = long.MinValue;

    public long Bytes { get; set; }

    /// <summary>As many bytes are written down as spent: a crash costs the difference, and never gives it twice.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>How long the process ran in it, over restarts.</summary>
    public TimeSpan Run { get; private set; }

    /// <summary>Something did not fit into what was left.</summary>
    public bool IsUsedUp { get; set; }

    public void Roll(long number, TimeSpan elapsed)
    {
        Run += elapsed;
        if (number == Number || (number < Number && Run < length))
            return;
        Number = number;
        Bytes = 0;
        ReservedBytes = 0;
        Run = TimeSpan.Zero;
        IsUsedUp = false;
    }

    /// <summary>As it was written down.</summary>
    public void Restore(long number, long bytes, TimeSpan run)
    {
        Number = number;
        Bytes = bytes;
        ReservedBytes = bytes;
        Run = run;
    }

    public long Left(long limit) => IsUsedUp ? 0 : Math.Max(0, limit - Bytes);
}
