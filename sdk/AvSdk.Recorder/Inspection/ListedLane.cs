namespace AvSdk.Recording.Inspection;

/// <summary>One lane of a recording in a spool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Segments">Files.</param>
/// <param name="Chunks">Chunks in them, whole by their framing.</param>
/// <param name="Messages">Messages in those.</param>
/// <param name="Bytes">Bytes of the files.</param>
/// <param name="FirstLogTime">The earliest log time in them, ns; null: there is no chunk.</param>
/// <param name="LastLogTime">The latest.</param>
/// <param name="Ends">What became of the lane's chunks, those whose files are gone too.</param>
/// <param name="UnreadableSegments">Files of which nothing could be read.</param>
public sealed record ListedLane(
    string Name, int Segments, long Chunks, ulong Messages, long Bytes, ulong? FirstLogTime, ulong? LastLogTime,
    ListedEnds Ends, int UnreadableSegments);
