using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// How long the calling thread has been computing: while others have the processor, this clock stands still.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Seconds from an arbitrary start; on other systems than Linux those of the wall clock.</summary>
    public static double Seconds
    {
        get
        {
            if (!OperatingSystem.IsLinux() || ClockGetTime(ThreadCpuTime, out TimeSpec time) != 0)
                return Stopwatch.GetElapsedTime(0).TotalSeconds;
            return time.Seconds + (time.Nanoseconds * 1e-9);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
