namespace AvSdk.Testing;

/// <summary>What goes wrong with an operation of a disk.</summary>
public enum DiskFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// EIO. An append may have written a part; a failed flush makes nothing durable, now or later.
    /// </summary>
    InputOutput,

    /// <summary>ENOSPC. An append has written a part.</summary>
    NoSpace,

    /// <summary>
    /// The power goes, in the middle of an append; see <see cref="MemorySpoolFiles.CutPower"/>.
    /// </summary>
    PowerCut,
}
