using System.Diagnostics;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>Waits for what other tasks do, by looking again and again; the clock of the test stands meanwhile.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition, string what = "the condition")
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"{what} did not come to hold.");
            await Task.Yield();
        }
    }
}
