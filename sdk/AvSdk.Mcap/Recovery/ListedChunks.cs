namespace AvSdk.Mcap;

/// <summary>
/// The chunks that a summary lists, each to be met once. What is not listed after a gap is from somewhere else (a file
/// within an attachment); what is met again is a copy that damage left behind.
/// </summary>
internal sealed class ListedChunks
{
    private readonly Dictionary<Identity, int> _left = [];
    private readonly bool _isComplete;
    private bool _hasMatched;

    public ListedChunks(SurvivingSummary summary)
    {
        _isComplete = summary.IsVouched && summary.ListsEveryChunk && summary.Chunks.Count > 0;
        foreach (McapChunkIndex index in summary.Chunks)
        {
            Identity identity = new((long)index.ChunkLength, index.MessageStartTime, index.MessageEndTime,
                index.CompressedSize);
            _left[identity] = _left.GetValueOrDefault(identity) + 1;
        }
    }

    /// <summary>Whether a chunk may be one of the file's own, and not yet met.</summary>
    /// <param name="chunk">Its header, as read.</param>
    /// <param name="bytes">Bytes of its record.</param>
    /// <param name="recordsBytes">Bytes of its records as they stand in the file.</param>
    /// <param name="isAfterGap">Whether the way to it was broken.</param>
    /// <param name="isListed">Whether the summary lists it.</param>
    public bool TryMeet(OpenedChunk chunk, long bytes, int recordsBytes, bool isAfterGap, out bool isListed)
    {
        Identity identity = new(bytes, chunk.StartTime, chunk.EndTime, (ulong)recordsBytes);
        isListed = _left.TryGetValue(identity, out int left);
        if (!isListed)
            return !_isComplete || !isAfterGap || !_hasMatched;
        _hasMatched = true;
        _left[identity] = left - 1;
        return left > 0 || !_isComplete;
    }

    private readonly record struct Identity(long Bytes, ulong Start, ulong End, ulong CompressedSize);
}
