using AvSdk.Contracts.V1;
using AvSdk.Recording.Uplink;

namespace AvSdk.Testing;

/// <summary>
/// A link that fails on command, before any other: it can be cut and restored, cut by itself after so many
/// messages or when a certain reply would come, slow, and it can send messages twice. What it carries it
/// never changes.
/// </summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public sealed class FaultyLink : IUplink, IDisposable
{
    private readonly IUplink _inner;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private CancellationTokenSource _whole = new();
    private long _cutAfter = long.MaxValue;
    private long _sent;
    private long _bytesSent;
    private long _received;
    private long _connections;

    /// <summary>A link over another one, which is borrowed.</summary>
    /// <param name="inner">What carries the messages.</param>
    /// <param name="time">What <see cref="Delay"/> goes by.</param>
    public FaultyLink(IUplink inner, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(time);
        (_inner, _time) = (inner, time);
    }

    /// <inheritdoc/>
    public string Name => _inner.Name + " (faulty)";

    /// <summary>Waited before each message, in each direction. Default: none.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Which requests are sent twice. Default: none.</summary>
    public Func<UploadRequest, bool> SendsTwice { get; set; } = static _ => false;

    /// <summary>Which replies are lost: the link is cut when one would arrive. Default: none.</summary>
    public Func<UploadReply, bool> CutsBefore { get; set; } = static _ => false;

    /// <summary>Whether the link is cut.</summary>
    public bool IsCut => Whole.IsCancellationRequested;

    /// <summary>Requests that the link took, the doubled ones once.</summary>
    public long MessagesSent => Interlocked.Read(ref _sent);

    /// <summary>
    /// Bytes of those requests, the doubled ones twice: what crossed the link, but for its framing.
    /// </summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Replies that the link delivered.</summary>
    public long MessagesReceived => Interlocked.Read(ref _received);

    /// <summary>Connections that were made.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>
    /// Cuts the link: every connection fails, what waits on one too, and new ones cannot be made until
    /// <see cref="Restore"/>. Whether a message that was under way arrived nobody can tell, as in life.
    /// </summary>
    public void Cut() => Whole.Cancel();

    /// <summary>
    /// Cuts the link in place of the message after the next <paramref name="messages"/> requests.
    /// </summary>
    /// <param name="messages">0: the next request fails. Each <see cref="Restore"/> forgets it.</param>
    public void CutAfter(long messages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(messages);
        Interlocked.Exchange(ref _cutAfter, messages);
    }

    /// <summary>Connections can be made again; those that were cut stay so.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _cutAfter, long.MaxValue);
            if (_whole.IsCancellationRequested)
                _whole = new CancellationTokenSource();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
    {
        CancellationTokenSource whole = Whole;
        IUplinkSession session = await OverAsync(
            _inner.ConnectAsync, whole, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _connections);
        return new Session(this, session, whole);
    }

    /// <summary>Cuts the link for good.</summary>
    public void Dispose() => Cut();

    // Never disposed: sessions that were cut still hold it, and without a timer it owns nothing.
    private CancellationTokenSource Whole
    {
        get
        {
            lock (_gate)
                return _whole;
        }
    }

    // Runs a call that ends when the caller cancels or the link is cut, and tells the two apart.
    private async ValueTask<T> OverAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, CancellationTokenSource whole,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(whole.Token, cancellationToken);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, _time, either.Token).ConfigureAwait(false);
            return await call(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (
            whole.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw CutError();
        }
    }

    private static UplinkException CutError() => new("The link was cut (FaultyLink.Cut).");

    private sealed class Session(FaultyLink link, IUplinkSession inner, CancellationTokenSource whole)
        : IUplinkSession
    {
        public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
        {
            if (Interlocked.Decrement(ref link._cutAfter) < 0)
                link.Cut();
            await link.OverAsync(SendAsync, whole, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref link._sent);

            async ValueTask<bool> SendAsync(CancellationToken either)
            {
                int bytes = request.CalculateSize();
                await inner.SendAsync(request, either).ConfigureAwait(false);
                Interlocked.Add(ref link._bytesSent, bytes);
                if (link.SendsTwice(request))
                {
                    await inner.SendAsync(request, either).ConfigureAwait(false);
                    Interlocked.Add(ref link._bytesSent, bytes);
                }

                return true;
            }
        }

        public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken)
        {
            UploadReply? reply = await link.OverAsync(
                inner.ReceiveAsync, whole, cancellationToken).ConfigureAwait(false);
            if (reply is not null && link.CutsBefore(reply))
            {
                link.Cut();
                throw CutError();
            }

            Interlocked.Increment(ref link._received);
            return reply;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
