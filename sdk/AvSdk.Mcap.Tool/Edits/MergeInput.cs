namespace AvSdk.Mcap.Tool.Edits;

/// <summary>One of the files to merge.</summary>
/// <param name="Name">For errors.</param>
internal sealed record MergeInput(string Name, McapIndexedReader Reader);
