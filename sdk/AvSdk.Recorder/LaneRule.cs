namespace AvSdk.Recording;

/// <summary>Which lane a topic goes into. The first rule that fits decides.</summary>
/// <param name="Topics">A topic or a glob: <c>*</c> any run of characters but '/', <c>**</c> any run,
/// <c>?</c> one.</param>
/// <param name="Lane">The name of a lane of <see cref="RecorderOptions.Lanes"/>.</param>
/// <param name="Group">
/// Channels of one group share chunks, whatever their rate; null: grouped by observed rate.
/// </param>
public sealed record LaneRule(string Topics, string Lane, string? Group = null);
