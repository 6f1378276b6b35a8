using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Gateway;

/// <summary>
/// What every operation of the gateway on its store and its index goes through: it takes a while, it fails, or
/// the process is killed before or after it.
/// </summary>
internal sealed class PortGate(VirtualClock clock, Life life, Random chance)
{
    /// <summary>An operation in so many fails without an effect; 0: none.</summary>
    public int FailsBeforeOneIn { get; set; }

    /// <summary>An operation in so many has its effect and fails; 0: none.</summary>
    public int FailsAfterOneIn { get; set; }

    /// <summary>The longest that an operation takes.</summary>
    public TimeSpan Slowest { get; set; }

    /// <summary>The process is killed at the operation of this number, counted down; 0: it is not.</summary>
    public int KilledIn { get; set; }

    public Action<string> Killed { get; set; } = static _ => { };

    public Action<string> Failed { get; set; } = static _ => { };

    public async ValueTask<T> PassAsync<T>(string what, Func<ValueTask<T>> operation, bool mayFail = true)
    {
        await BeginAsync(what, mayFail);
        T result = await operation();
        await EndAsync(what, mayFail);
        return result;
    }

    public async ValueTask PassAsync(string what, Func<ValueTask> operation, bool mayFail = true)
    {
        await BeginAsync(what, mayFail);
        await operation();
        await EndAsync(what, mayFail);
    }

    private async ValueTask BeginAsync(string what, bool mayFail)
    {
        if (life.IsOver)
            await Life.Never;
        if (Slowest > TimeSpan.Zero && chance.Next(4) == 0)
            await clock.Delay(Slowest * chance.NextDouble());
        await KillAsync("before " + what);
        if (mayFail && FailsBeforeOneIn > 0 && chance.Next(FailsBeforeOneIn) == 0)
        {
            Failed("before " + what);
            throw new IOException($"{what}: input/output error.");
        }
    }

    private async ValueTask EndAsync(string what, bool mayFail)
    {
        await KillAsync("after " + what);
        if (mayFail && FailsAfterOneIn > 0 && chance.Next(FailsAfterOneIn) == 0)
        {
            Failed("after " + what);
            throw new IOException($"{what}: input/output error.");
        }
    }

    private async ValueTask KillAsync(string when)
    {
        if (!life.IsOver && KilledIn > 0 && --KilledIn == 0)
            Killed(when);
        if (life.IsOver)
            await Life.Never;
    }
}
