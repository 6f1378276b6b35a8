using System.Net;

namespace AvSdk.Recording.Links;

/// <summary>The use of a link, until it is gone.</summary>
internal sealed class LinkLease : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly string _class;

    /// <param name="link">Null: whatever the uplink goes over; it is never gone.</param>
    /// <param name="meter">Null: nothing is counted.</param>
    /// <param name="from">The address that connections go from; null: any.</param>
    /// <param name="class">What it is now: another is another lease.</param>
    public LinkLease(LinkOptions? link, LinkMeter? meter, IPAddress? from, string @class)
    {
        (Link, Meter, From, _class) = (link, meter, from, @class);
        Gone = _gone.Token;
    }

    public LinkOptions? Link { get; }

    public LinkMeter? Meter { get; }

    public IPAddress? From { get; }

    /// <summary>The link is gone, is of another class, or another is preferred.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        if (Gone.IsCancellationRequested)
            return;
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Whether what is open over it can stay open.</summary>
    public bool IsSame(LinkOptions? other, IPAddress? otherFrom, string otherClass) =>
        other?.Name == Link?.Name && other?.Interface == Link?.Interface && other?.Dscp == Link?.Dscp
        && other?.Gateway == Link?.Gateway && Equals(otherFrom, From) && otherClass == _class;
}
