using System.Diagnostics;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>Waits for what other tasks do, by looking again and again; the clock of the test stands meanwhile.</summary>
internal static class Eventually
{
    /// <summary>Ends what would go on for ever; on a machine that is busy everything takes its time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task Holds(Func<bool> condition, string what = "the condition")
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"{what} did not come to hold.");
            await Task.Yield();
        }
    }
}
