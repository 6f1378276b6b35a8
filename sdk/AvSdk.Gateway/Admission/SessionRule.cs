// Which upload sessions may begin, and when the others are to come back. Pure: time is passed in.
//
//   Tokens  A bucket: one for each session that begins, SessionsPerSecond come back, SessionsBurst fit. It alone decides
//           that a session begins, so nothing else can make the rate be exceeded.
//   Slots   A vehicle that is turned away gets a place in a queue that is only times: the first that nobody has yet, each
//           1 / SessionsPerSecond after the one before. It is told how long that is from now, and has the place until then
//           and a little longer. So those turned away come back as fast as they are admitted, and not in step.
//           Who comes early is told the same time again; who comes new goes behind all that were told.
//   Full    With too many sessions, or too much in memory, slots begin a while from now; whoever comes then and finds it
//           still full gets another.
//
// Bounded: no slot is further away than RetryAfterMax. Who would get such a one is told some time in its second half, holds
// no place and asks again.
namespace AvSdk.Gateway.Admission;

/// <summary>The rule by which upload sessions begin. One thread at a time.</summary>
internal sealed class SessionRule(GatewayAdmissionOptions options)
{
    /// <summary>A place is kept for so long after its time: jitter, and connecting over a slow link.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WhenFull = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / options.SessionsPerSecond);
    private readonly Dictionary<string, TimeSpan> _slots = new(StringComparer.Ordinal);
    private readonly Queue<(string Vehicle, TimeSpan Slot)> _order = new();

    // The bucket as one number (generic cell rate algorithm): full when now has reached it.
    private TimeSpan _filled;
    private TimeSpan _nextSlot;
    private long _beyond;

    /// <summary>Sessions that began and have not ended.</summary>
    public int Sessions { get; private set; }

    /// <summary>Places that are kept.</summary>
    public int Waiting => _slots.Count;

    /// <summary>How long one who comes now and finds no token would be told.</summary>
    public TimeSpan QueueAt(TimeSpan now) => Later(_nextSlot, now) - now;

    /// <summary>Whether a session may begin now; each that does is to be ended with <see cref="Leave"/>.</summary>
    /// <param name="vehicle">By what it is known when it comes back.</param>
    /// <param name="now">Since any fixed moment; never less than before.</param>
    /// <param name="hasMemory">Whether memory for its chunks is there.</param>
    /// <param name="retryAfter">Not admitted: after how long to come back, more than 0.</param>
    public bool TryEnter(string vehicle, TimeSpan now, bool hasMemory, out TimeSpan retryAfter)
    {
        Forget(now);
        bool hasRoom = hasMemory && Sessions < options.SessionsMax;
        bool isKnown = _slots.TryGetValue(vehicle, out TimeSpan slot);
        if (isKnown && now < slot)
        {
            retryAfter = slot - now;
            return false;
        }

        TimeSpan token = _filled - ((options.SessionsBurst - 1) * _interval);
        if (hasRoom && token <= now && (isKnown || _nextSlot <= now))
        {
            _slots.Remove(vehicle);
            _filled = Later(_filled, now) + _interval;
            Sessions++;
            retryAfter = TimeSpan.Zero;
            return true;
        }

        // Others came late and took what was meant for it: the next is its own.
        retryAfter = isKnown && hasRoom ? token - now : Place(vehicle, Later(token, hasRoom ? now : now + WhenFull), now);
        return false;
    }

    /// <summary>A session that began has ended.</summary>
    public void Leave() => Sessions--;

    private TimeSpan Place(string vehicle, TimeSpan earliest, TimeSpan now)
    {
        TimeSpan slot = Later(_nextSlot, earliest);
        if (slot - now > options.RetryAfterMax)
        {
            _slots.Remove(vehicle);
            long half = options.RetryAfterMax.Ticks / 2;
            return TimeSpan.FromTicks(half + (_beyond++ * _interval.Ticks % half));
        }

        _nextSlot = slot + _interval;
        _slots[vehicle] = slot;
        _order.Enqueue((vehicle, slot));
        return slot > now ? slot - now : _interval;
    }

    private void Forget(TimeSpan now)
    {
        while (_order.TryPeek(out (string Vehicle, TimeSpan Slot) first) && first.Slot + Grace < now)
        {
            _order.Dequeue();
            if (_slots.TryGetValue(first.Vehicle, out TimeSpan slot) && slot == first.Slot)
                _slots.Remove(first.Vehicle);
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
