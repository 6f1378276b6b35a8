namespace AvSdk.Recording.Inspection;

/// <summary>A file that was put aside as damaged, for people to look at.</summary>
/// <param name="Name">Relative to the spool.</param>
/// <param name="Bytes">Its length.</param>
public sealed record SpoolDamagedFile(string Name, long Bytes);
