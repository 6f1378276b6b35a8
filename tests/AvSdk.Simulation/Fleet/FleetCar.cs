using AvSdk.Recording;
using AvSdk.Recording.Uplink;

namespace AvSdk.Simulation.Fleet;

/// <summary>One car: the product's loop of attempts, over sessions that only begin and end.</summary>
internal sealed class FleetCar(FleetRun run, int number, Random chance)
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);
    private bool _hasBegun;

    /// <summary>When its session was admitted after the outage; null: not yet.</summary>
    public TimeSpan? BackAt { get; private set; }

    public int Attempts { get; private set; }

    public int Refusals { get; private set; }

    public Task RunAsync(CancellationToken ending)
    {
        UplinkAttempts attempts = new(new UploadOptions(), chance, run.Time, static (_, _) => { });
        return attempts.RunAsync(SessionAsync, ending);
    }

    private async Task SessionAsync(Action worked, CancellationToken ending)
    {
        if (!_hasBegun)
        {
            // It was connected and at work when the tower went, in the same second as all others.
            _hasBegun = true;
            worked();
            await run.Clock.Delay(TimeSpan.FromSeconds(chance.NextDouble()));
            throw new UplinkException("The link is gone.");
        }

        Attempts++;
        await run.Clock.Delay(TimeSpan.FromMilliseconds(40 + (80 * chance.NextDouble())));
        if (!run.IsTowerUp)
        {
            await run.Clock.Delay(s_connectTimeout);
            throw new UplinkException("The gateway cannot be reached.");
        }

        run.Offered();
        if (run.Gate.TryEnter($"veh-{number}", out TimeSpan retryAfter) is null)
        {
            Refusals++;
            await run.Clock.Delay(TimeSpan.FromMilliseconds(20));
            throw new UplinkException("The gateway takes on no more.")
            {
                RetryAfter = run.Case.ObeysGateway ? retryAfter : null,
            };
        }

        BackAt = run.Clock.Now;
        worked();
        run.Admitted();
        await Task.Delay(Timeout.InfiniteTimeSpan, run.Time, ending);
    }
}
