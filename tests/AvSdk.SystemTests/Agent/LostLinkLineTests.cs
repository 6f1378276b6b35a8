using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

/// <summary>What the agent says of a link that is not there.</summary>
public sealed class LostLinkLineTests
{
    [Theory]
    [InlineData("http", "grpc")]
    [InlineData("mqtt", "mqtt")]
    public async Task It_names_the_uplink_once_and_ends_each_sentence_once(string scheme, string kind)
    {
        string address = $"{scheme}://127.0.0.1:{FreePort.Take()}";
        using AgentSetup setup = new()
        {
            Gateway = address,
            Sections = """ "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "1 ms" } """,
        };
        await using TestProcess agent = await setup.StartAsync();
        string line = await agent.WaitForLineAsync("Next attempt in");
        Assert.Contains($" {kind} {address}: ", line, StringComparison.Ordinal);
        Assert.Equal(2, line.Split(address).Length);
        Assert.DoesNotContain("..", line, StringComparison.Ordinal);
        Assert.Contains("Connection refused. Check the address", line, StringComparison.Ordinal);
        await AgentSetup.StopAsync(agent);
    }
}
