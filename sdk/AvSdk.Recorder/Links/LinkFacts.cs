using System.Net;

namespace AvSdk.Recording.Links;

/// <summary>What was seen of a vehicle's links.</summary>
/// <param name="Interfaces">Its network interfaces.</param>
/// <param name="Word">What the command said; null: there is none, or it said nothing.</param>
/// <param name="WordProblem">Why it said nothing; null: it did, or there is none.</param>
public sealed record LinkFacts(IReadOnlyList<LinkInterface> Interfaces, string? Word, string? WordProblem)
{
    /// <summary>Nothing.</summary>
    public static LinkFacts None { get; } = new([], null, null);
}

/// <summary>A network interface.</summary>
/// <param name="Name">For example <c>wlan0</c>.</param>
/// <param name="IsUp">Whether it can carry packets.</param>
/// <param name="Addresses">Its addresses.</param>
public sealed record LinkInterface(string Name, bool IsUp, IReadOnlyList<IPAddress> Addresses);
