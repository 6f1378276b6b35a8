namespace AvSdk.Recording.Inspection;

/// <summary>What lies in a spool.</summary>
/// <param name="Recordings">Oldest first; also such as only the journal knows.</param>
/// <param name="DamagedFiles">Files that were put aside.</param>
/// <param name="JournalIsWhole">False: there is none, or it is damaged; ends of chunks are not all known.</param>
/// <param name="Bytes">Bytes of all files.</param>
public sealed record SpoolListing(
    IReadOnlyList<ListedRecording> Recordings, IReadOnlyList<SpoolDamagedFile> DamagedFiles, bool JournalIsWhole,
    long Bytes);
