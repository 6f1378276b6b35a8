using AvSdk.Ingestion;
using AvSdk.Sources;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Drive;

/// <summary>Records a drive through an agent's socket, as fast as it is taken.</summary>
internal static class DriveReplay
{
    /// <param name="drive">The drive.</param>
    /// <param name="agent">Whose socket.</param>
    /// <param name="inTheMiddle">Runs beside it, once half of the drive was read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ExpectedDrive drive, AgentSetup agent, Func<Task>? inTheMiddle, CancellationToken cancellationToken)
    {
        // Memory for a part of the drive only: what is in the agent and not durable cannot be far behind what
        // was read.
        SocketRecorderOptions options = new() { MemoryBytesMax = 4 << 20, MessageBytesMax = 2 << 20 };
        await using SocketRecorder recorder = await Recorder.ConnectAsync(agent.SocketAddress, options, cancellationToken);
        using Middle middle = new(inTheMiddle is null ? ulong.MaxValue : drive.Messages / 2);
        Task<SourceProgress> replay = new McapReplay(drive.File)
            .RunAsync(recorder, 0, TimeProvider.System, middle, cancellationToken);
        if (inTheMiddle is not null)
        {
            await Task.WhenAny(middle.Reached, replay).WaitAsync(Deadlines.Step, cancellationToken);
            middle.GoOn();
            await inTheMiddle();
        }

        SourceProgress done = await replay;
        await recorder.FlushAsync(cancellationToken);
        Assert.Equal((drive.Messages, 0UL), (done.Messages, done.Dropped));
    }

    // Holds the replay there until who waits for it has begun: half of a drive is soon through.
    private sealed class Middle(ulong messages) : IProgress<SourceProgress>, IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _goesOn = new();

        public Task Reached => _reached.Task;

        public void GoOn() => _goesOn.Set();

        public void Dispose() => _goesOn.Dispose();

        public void Report(SourceProgress value)
        {
            if (value.Messages >= messages && _reached.TrySetResult())
                _goesOn.Wait(Deadlines.Step);
        }
    }
}
