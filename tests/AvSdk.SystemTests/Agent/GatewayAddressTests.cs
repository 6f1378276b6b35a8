using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class GatewayAddressTests : IDisposable
{
    private readonly GatewaySetup _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task A_gateway_told_to_listen_beyond_loopback_is_refused_and_told_which_flag_names_the_risk()
    {
        await using TestProcess gateway = _gateway.Start("http://0.0.0.0:0");

        Assert.Equal(2, await gateway.WaitForExitAsync());
        Assert.Contains("0.0.0.0", gateway.Errors, StringComparison.Ordinal);
        Assert.Contains("--allow-unauthenticated-network", gateway.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_on_loopback_starts_and_stops_in_order()
    {
        await using TestProcess gateway = await _gateway.StartAsync();

        gateway.Signal(TestProcess.SigTerm);

        Assert.Equal(0, await gateway.WaitForExitAsync());
    }
}
