namespace AvSdk.Recording.Links;

/// <summary>What a vehicle's links are like: a thin port, which decides nothing.</summary>
public interface ILinkProbe
{
    /// <summary>
    /// Looks once. What cannot be found out is not in the answer; the caller looks again soon. Throws nothing but for
    /// the token.
    /// </summary>
    ValueTask<LinkFacts> LookAsync(LinksOptions options, CancellationToken cancellationToken);
}
