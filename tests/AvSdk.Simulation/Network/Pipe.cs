using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Network;

/// <summary>
/// One direction of a connection: bytes in order, under way for a while, as many as the window allows. A stream's are never
/// doubled nor out of order, whatever the link does to messages.
/// </summary>
internal sealed class Pipe(VirtualClock clock, Link link, bool isStream = false)
{
    private readonly Queue<byte[]> _arrived = new();
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;
    private long _underWayBytes;
    private TimeSpan _lastArrival;
    private bool _isCut;
    private bool _isClosed;
    private Exception? _receiverError;
    private Exception? _senderError;

    /// <summary>Returns when the link takes it; what is sent into a link that was cut is lost.</summary>
    public async ValueTask SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_senderError is { } error)
                throw error;
            if (_underWayBytes <= link.WindowBytes)
                break;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _room.Task.WaitAsync(cancellationToken);
        }

        _underWayBytes += message.Length;
        if (_isCut)
            return;
        for (int copies = !isStream && link.Duplicates(message) ? 2 : 1; copies > 0; copies--)
        {
            TimeSpan at = clock.Now + link.Delay(message.Length);
            _lastArrival = at > _lastArrival ? at : _lastArrival;
            bool counts = copies == 1;
            clock.At(isStream || link.KeepsOrder ? _lastArrival : at, () => Arrive(message, counts));
        }
    }

    /// <summary>The next message; null: the other end closed.</summary>
    public async ValueTask<byte[]?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_arrived.TryDequeue(out byte[]? message))
                return message;
            if (_receiverError is { } error)
                throw error;
            if (_isClosed)
                return null;
            _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _arrival.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Cuts both directions of a connection; the client's end is told <paramref name="after"/> so long, null: never.</summary>
    public static void CutBoth(
        VirtualClock clock, Pipe up, Pipe down, bool losesUp, bool losesDown, TimeSpan? after, Exception error)
    {
        up.Cut(losesUp);
        down.Cut(losesDown);
        if (after is { } delay)
        {
            clock.After(delay, () =>
            {
                up.FailSender(error);
                down.FailReceiver(error);
            });
        }
    }

    /// <summary>Nothing that is sent from now on arrives, and of what is under way only what chance lets.</summary>
    public void Cut(bool losesUnderWay)
    {
        _isCut = true;
        _losesUnderWay |= losesUnderWay;
    }

    /// <summary>The sender's end learns of the cut.</summary>
    public void FailSender(Exception error)
    {
        _senderError ??= error;
        Wake(ref _room);
    }

    /// <summary>The receiver's end learns of the cut.</summary>
    public void FailReceiver(Exception error)
    {
        _receiverError ??= error;
        Wake(ref _arrival);
    }

    /// <summary>The sender has no more; arrives behind what is under way.</summary>
    public void Close()
    {
        if (_isCut)
            return;
        clock.At(_lastArrival > clock.Now ? _lastArrival : clock.Now, () =>
        {
            _isClosed = true;
            Wake(ref _arrival);
        });
    }

    private bool _losesUnderWay;

    private void Arrive(byte[] message, bool counts)
    {
        if (counts)
        {
            _underWayBytes -= message.Length;
            Wake(ref _room);
        }

        if (_losesUnderWay)
            return;
        link.CountArrival();
        _arrived.Enqueue(message);
        Wake(ref _arrival);
    }

    private static void Wake(ref TaskCompletionSource? waiter)
    {
        TaskCompletionSource? woken = waiter;
        waiter = null;
        woken?.TrySetResult();
    }
}
