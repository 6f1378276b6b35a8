using AvSdk.Mcap.Tool.Inputs;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>What a filter keeps.</summary>
/// <param name="Topics">By topic.</param>
/// <param name="From">The earliest log time, ns, inclusive.</param>
/// <param name="To">The log time to stop before, ns; null: to the end.</param>
/// <param name="KeepsMetadata">All metadata records, whatever the time, or none.</param>
/// <param name="KeepsAttachments">All attachments, whatever the time, or none.</param>
internal sealed record FilterSelection(
    TopicPatterns Topics, ulong From = 0, ulong? To = null, bool KeepsMetadata = true, bool KeepsAttachments = true)
{
    /// <summary>Whether times from the first to the last, inclusive, are all within.</summary>
    public bool Holds(ulong first, ulong last) => first >= From && (To is not ulong to || last < to);

    /// <summary>Whether a time from the first to the last can be within.</summary>
    public bool Touches(ulong first, ulong last) => last >= From && (To is not ulong to || first < to);
}
