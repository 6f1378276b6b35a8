using System.Text.Json;
using AvSdk.Ingestion;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>What a running agent says of itself.</summary>
internal static class AgentState
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);

    public static async Task<JsonElement> AskAsync(AgentSetup agent)
    {
        byte[] json = await AgentStatus.RequestAsync(agent.SocketAddress, TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>Asks until it is so.</summary>
    public static Task<JsonElement> WaitAsync(AgentSetup agent, Predicate<JsonElement> isSo, string what) =>
        WaitAsync(() => AskAsync(agent), isSo, what);

    /// <summary>Looks until it is so.</summary>
    public static Task WaitAsync(Func<bool> isSo, string what) =>
        WaitAsync(() => Task.FromResult(isSo()), static so => so, what);

    private static async Task<T> WaitAsync<T>(Func<Task<T>> ask, Predicate<T> isSo, string what)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            T state = await ask();
            if (isSo(state))
                return state;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Deadlines.Step, $"Not within {Deadlines.Step}: {what}. Is: {state}");
            await Task.Delay(s_between, TestContext.Current.CancellationToken);
        }
    }
}
