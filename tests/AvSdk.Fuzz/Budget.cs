namespace AvSdk.Fuzz;

/// <summary>
/// What one call may allocate and how long it may take. Pools count when they grow, which is when memory is taken.
/// </summary>
public static class Budget
{
    private static long s_mostBytes;

    /// <summary>The most that any call allocated so far, bytes.</summary>
    public static long MostBytes => Interlocked.Read(ref s_mostBytes);

    public static void Check(string what, long bytesMax, Action call)
    {
        ArgumentNullException.ThrowIfNull(call);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Environment.TickCount64;
        call();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        long milliseconds = Environment.TickCount64 - start;
        long most = MostBytes;
        while (bytes > most && Interlocked.CompareExchange(ref s_mostBytes, bytes, most) != most)
            most = MostBytes;
        if (bytes > bytesMax)
            throw new BrokenPromiseException($"{what} allocated {bytes} bytes; at most {bytesMax} are right for this input");
        if (milliseconds > 10_000)
            throw new BrokenPromiseException($"{what} took {milliseconds} ms");
    }
}
