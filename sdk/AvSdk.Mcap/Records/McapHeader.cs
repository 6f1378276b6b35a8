namespace AvSdk.Mcap;

/// <summary>The file's first record (MCAP specification, "Header").</summary>
/// <param name="Profile">The profile whose conventions the file follows; empty: none.</param>
/// <param name="Library">Free text: what wrote the file.</param>
public sealed record McapHeader(string Profile, string Library);
