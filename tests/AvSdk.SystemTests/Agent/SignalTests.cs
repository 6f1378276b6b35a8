using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class SignalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_signal_ends_a_long_drain_and_the_next_start_delivers_what_was_left()
    {
        using GatewaySetup gateway = new();
        using AgentSetup setup = new()
        {
            Gateway = gateway.Address,
            Sections = """ "upload": { "retryDelay": "50 ms", "retryDelayMax": "250 ms", "drainTimeout": "10 min" } """,
        };
        await using TestProcess forced = await setup.StartAsync();
        await using (SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token))
        {
            RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/t", MessageEncoding = "json" });
            channel.WriteRaw(new MessageStamp(1, 1, 1), "{}"u8);
            await recorder.FlushAsync(Token);
        }

        forced.Signal(TestProcess.SigTerm);
        await forced.WaitForLineAsync("Stops: sources first");
        forced.Signal(TestProcess.SigTerm);

        Assert.Equal(3, await forced.WaitForExitAsync());
        Assert.Contains("A second signal", forced.Errors, StringComparison.Ordinal);

        await using TestProcess gatewayProcess = await gateway.StartAsync();
        await using TestProcess successor = await setup.StartAsync();
        await AgentSetup.StopAsync(successor);
        Assert.Equal(1UL, await gateway.CountAsync(AgentSetup.Vehicle));
    }
}
