using AvSdk.Agent.Configuration;
using AvSdk.Recording;
using AvSdk.Sources;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Running;

/// <summary>The sources that run inside the agent. One that fails is logged; the agent records on.</summary>
internal static class FileOrSimulation
{
    public static async Task RunAsync(
        SourceConfiguration source, IRecorder recorder, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        string name = source switch
        {
            ReplaySource replay => replay.File,
            _ => "simulated vehicle",
        };
        try
        {
            SourceProgress? done = source switch
            {
                ReplaySource replay => await new McapReplay(replay.File)
                    .RunAsync(recorder, replay.Rate, time, null, cancellationToken).ConfigureAwait(false),
                SimulatedSource simulated => await Vehicle(simulated, time)
                    .RunAsync(recorder, simulated.Rate, time, null, cancellationToken).ConfigureAwait(false),
                _ => null,
            };
            if (done is { } progress)
                AgentLog.SourceEnded(logger, name, progress.Messages, progress.Dropped);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops.
        }
        catch (Exception failure)
        {
            AgentLog.SourceFailed(logger, name, failure);
        }
    }

    private static SimulatedVehicle Vehicle(SimulatedSource source, TimeProvider time) => new(new()
    {
        Seed = (ulong)source.Seed,
        Duration = source.Duration ?? Timeout.InfiniteTimeSpan,
        StartTime = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100,
        // The vehicle's topics keep to the agent's lanes.
        NamesLanes = false,
    });
}
