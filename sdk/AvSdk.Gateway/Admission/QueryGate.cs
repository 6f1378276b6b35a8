using AvSdk.Grpc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Admission;

/// <summary>
/// The door of all queries, over gRPC and HTTP: so many at a time. Those beyond are told times a slot apart, a second's
/// worth of slots for as many as there are places. Safe for threads.
/// </summary>
internal sealed class QueryGate(GatewayAdmissionOptions options, GatewayMeter meter, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1) / options.QueriesMax;
    private readonly long _begin = time.GetTimestamp();
    private TimeSpan _nextSlot;
    private TimeSpan _loggedAt = -LogEvery;
    private int _queries;

    /// <summary>A place for a query, given back by disposing it.</summary>
    /// <exception cref="GrpcException">There is none; it says when to come back.</exception>
    public IDisposable Enter() => TryEnter(out TimeSpan retryAfter)
        ?? throw new GrpcException(GrpcStatusCode.Unavailable, Problem(retryAfter)) { RetryPushback = retryAfter };

    /// <summary>A handler that is entered likewise: others are answered 503 with <c>Retry-After</c>.</summary>
    public RequestDelegate Guard(RequestDelegate handler) => async http =>
    {
        using IDisposable? place = TryEnter(out TimeSpan retryAfter);
        if (place is not null)
        {
            await handler(http).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = $"{(long)Math.Ceiling(retryAfter.TotalSeconds)}";
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(Problem(retryAfter) + "\n", http.RequestAborted).ConfigureAwait(false);
    };

    private Place? TryEnter(out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        bool isToLog;
        lock (_gate)
        {
            if (_queries < options.QueriesMax)
            {
                _queries++;
                return new Place(this);
            }

            TimeSpan now = time.GetElapsedTime(_begin);
            TimeSpan slot = _nextSlot > now + AtLeast ? _nextSlot : now + AtLeast;
            if (slot - now > options.RetryAfterMax)
                slot = now + AtLeast;
            _nextSlot = slot + _interval;
            retryAfter = slot - now;
            isToLog = now - _loggedAt >= LogEvery;
            if (isToLog)
                _loggedAt = now;
        }

        meter.QueriesTurnedAway.Add(1);
        if (isToLog)
            AdmissionLog.QueryTurnedAway(logger, options.QueriesMax, retryAfter);
        return null;
    }

    private string Problem(TimeSpan retryAfter) =>
        $"The gateway answers {options.QueriesMax} queries, as many as it takes on at a time. "
        + $"Ask again in {Math.Ceiling(retryAfter.TotalSeconds)} s.";

    private void Leave()
    {
        lock (_gate)
            _queries--;
    }

    private sealed class Place(QueryGate gate) : IDisposable
    {
        private QueryGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
