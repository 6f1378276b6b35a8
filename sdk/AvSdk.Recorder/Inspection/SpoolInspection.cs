using AvSdk.Mcap;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Inspection;

/// <summary>
/// Looks into a spool, checks it, mends it, and takes data out of it: for people and tools, while no recorder runs.
/// </summary>
/// <remarks>
/// All but <see cref="Repair"/> only read. Over <see cref="FolderSpoolFiles.OpenReadOnly"/> they may also run beside the
/// recorder: a segment is taken as long as it was when it was opened, and a file that goes meanwhile is passed over.
/// </remarks>
public static class SpoolInspection
{
    /// <summary>Lists what there is, by names, framing and journal; bodies of chunks are not read.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SpoolListing List(ISpoolFiles files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        return SpoolLister.Run(files, cancellationToken);
    }

    /// <summary>
    /// Reads every byte: framing, records, hashes and their chain, CRCs, messages and the journal. Changes nothing.
    /// </summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SpoolCheckReport Check(ISpoolFiles files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        return SpoolCheck.Run(files, cancellationToken);
    }

    /// <summary>
    /// Puts right what can be: torn tails are cut and sealed; of a damaged segment the whole chunks go to new ones and
    /// the old one is kept as <c>*.damaged</c>; the journal is written anew. A kill or a power cut at any point costs
    /// nothing that was whole, and a second run finds nothing to do.
    /// </summary>
    /// <param name="files">The spool, locked: <see cref="FolderSpoolFiles.OpenFolder"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops between two segments.</param>
    /// <exception cref="IOException">The disk refused; what was done stays done.</exception>
    public static SpoolRepairReport Repair(ISpoolFiles files, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(time);
        return new SpoolRepair(files, time).Run(cancellationToken);
    }

    /// <summary>
    /// Writes one MCAP file, recording after recording, in each channel in the order in which it was recorded. Chunks
    /// that are wanted whole are copied byte for byte, others filtered; damaged ones are left out and told.
    /// </summary>
    /// <param name="files">The spool.</param>
    /// <param name="output">Where the file goes; flushed at the end, not disposed.</param>
    /// <param name="selection">What is wanted.</param>
    /// <param name="cancellationToken">Stops between two chunks.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SpoolExportReport Export(
        ISpoolFiles files, IMcapSink output, SpoolExportSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(selection);
        return SpoolExport.Run(files, output, selection, cancellationToken);
    }
}
