using AvSdk.Recording.Links;

namespace AvSdk.Recording.Live;

/// <summary>A way to those who watch, for as long as its link may be used.</summary>
internal sealed class LiveWay(ILiveLink link, LinkLease lease)
{
    /// <summary>Publishes a sample, or says what keeps it; one that is on its way when the link goes is given up.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the link is gone.</exception>
    public async ValueTask<LiveOutcome> PublishAsync(LiveSample sample, CancellationToken cancellationToken)
    {
        if (lease.Gone.IsCancellationRequested)
            return LiveOutcome.Dropped;
        if (lease.Meter is { } meter && !meter.TrySpendLive(link.BytesOf(sample)))
            return LiveOutcome.Withheld;
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Gone);
        return await link.PublishAsync(sample, either.Token).ConfigureAwait(false)
            ? LiveOutcome.Published
            : LiveOutcome.Dropped;
    }
}
