namespace AvSdk.Query;

/// <summary>What all positions of one reading have in common.</summary>
internal sealed record ReadingIdentity(ulong AsOf, ulong QueryFingerprint)
{
    public QueryPosition PositionAfter(ulong logTime, ulong countAtLogTime) =>
        new(AsOf, logTime, countAtLogTime, QueryFingerprint);
}
