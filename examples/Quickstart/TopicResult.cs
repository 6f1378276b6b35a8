namespace AvSdk.Quickstart;

/// <summary>One topic, as it was and as it came back.</summary>
internal sealed record TopicResult(
    string Topic, string Schema, ulong Messages, string Sha256, ulong Queried, string? QueriedSha256)
{
    public bool IsIdentical => Messages == Queried && Sha256 == QueriedSha256;
}
