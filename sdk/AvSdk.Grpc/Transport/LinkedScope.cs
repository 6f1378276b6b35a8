namespace AvSdk.Grpc.Transport;

/// <summary>
/// The token of one read or write: the call's own, joined with the caller's where that is another.
/// </summary>
internal readonly struct LinkedScope : IDisposable
{
    private readonly CancellationTokenSource? _linked;

    public LinkedScope(CallLifetime lifetime, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled && cancellationToken != lifetime.CallerToken)
        {
            _linked = CancellationTokenSource.CreateLinkedTokenSource(lifetime.Token, cancellationToken);
            Token = _linked.Token;
        }
        else
        {
            Token = lifetime.Token;
        }
    }

    public CancellationToken Token { get; }

    public void Dispose() => _linked?.Dispose();
}
