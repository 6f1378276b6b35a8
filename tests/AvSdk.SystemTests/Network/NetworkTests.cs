using System.Diagnostics;

namespace AvSdk.SystemTests.Network;

/// <summary>What networks do to cars. Every test runs over gRPC and over MQTT at the same time, in namespaces of their own.</summary>
public sealed class NetworkTests(ITestOutputHelper output)
{
    // Longer than the link's keep-alives: 20 s of gRPC's pings, 25 s of MQTT's.
    private static readonly TimeSpan s_dark = TimeSpan.FromSeconds(27);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 4_000_000)]
    [InlineData(0.05, 2_000_000)]
    [InlineData(0.3, 250_000)]
    public Task Everything_arrives_over_ten_megabits_however_many_packets_are_lost(double share, long bytes) =>
        BothAsync(async run =>
        {
            await run.Depot.StartAsync();
            if (share > 0)
                await run.Lab.LoseAsync(share);
            await run.StartCarAsync();
            await run.RecordAsync(bytes);
        });

    [Fact]
    public Task A_link_that_is_dark_in_the_middle_of_a_part_for_longer_than_the_keep_alive_goes_on_where_it_was() =>
        BothAsync(async run =>
        {
            await BeginAsync(run);
            await run.Lab.LoseAsync(1);
            await StayDarkAsync(run);
            await run.DeliverAsync(() => run.Lab.HealAsync());
        });

    [Fact]
    public Task A_car_that_gets_another_address_goes_on_from_there() =>
        BothAsync(async run =>
        {
            await BeginAsync(run);
            long attempts = await run.AttemptsAsync();
            await run.Lab.ChangeAddressAsync();
            await run.RecordAsync(200_000);
            await run.WaitForAttemptAsync(attempts);
        });

    [Fact]
    public async Task A_broker_that_is_killed_and_comes_back_costs_nothing()
    {
        await using NetworkRun run = await NetworkRun.CreateAsync(isMqtt: true);
        await BeginAsync(run);
        for (int time = 0; time < 2; time++)
        {
            await run.Depot.KillBrokerAsync();
            await run.RecordAsync(500_000);
            await run.DeliverAsync(() => run.Depot.StartBrokerAsync());
        }

        output.WriteLine(await run.FinishAsync());
    }

    [Fact]
    public async Task Publications_that_are_delivered_twice_are_stored_once()
    {
        const int port = 2883;
        await using NetworkRun run = await NetworkRun.CreateAsync(
            isMqtt: true, $"mqtt://{NetworkLab.DepotAddress}:{port}");
        await using RepeatingProxy proxy = RepeatingProxy.At(run.Lab, port, Depot.BrokerPort);
        await run.Depot.StartAsync();
        await run.StartCarAsync();
        await run.RecordAsync(2_000_000);
        output.WriteLine(await run.FinishAsync());
        Assert.True(proxy.Repeated > 100, $"{proxy.Repeated} publications were repeated");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_page_in_place_of_the_gateway_is_named_and_costs_nothing(bool isMqtt)
    {
        int port = isMqtt ? Depot.BrokerPort : Depot.GatewayPort;
        await using NetworkRun run = await NetworkRun.CreateAsync(isMqtt);
        await using (LoginPage page = LoginPage.At(run.Lab, port))
        {
            await run.StartCarAsync();
            await run.RecordAsync(300_000);
            await ReadsThePageAsync(run, page);
        }

        await run.DeliverAsync(() => run.Depot.StartAsync());

        // And again, where a session was.
        await (isMqtt ? run.Depot.KillBrokerAsync() : run.Depot.KillGatewayAsync());
        await using (LoginPage page = LoginPage.At(run.Lab, port))
        {
            await run.RecordAsync(300_000);
            await ReadsThePageAsync(run, page);
        }

        await (isMqtt ? run.Depot.StartBrokerAsync() : run.Depot.StartGatewayAsync());
        output.WriteLine(await run.FinishAsync());
    }

    // The car says what it found, and does not give up on it.
    private static async Task ReadsThePageAsync(NetworkRun run, LoginPage page)
    {
        await run.WaitAsync(
            uplink => page.Visits >= 2
                && uplink.GetProperty("lastError").GetString()?.Contains("login page", StringComparison.Ordinal) == true,
            "the car says that a login page answers");
    }

    // The depot, the car, and more recorded than the link carries in the next seconds.
    private static async Task BeginAsync(NetworkRun run)
    {
        await run.Depot.StartAsync();
        await run.StartCarAsync();
        await run.DeliverAsync(() => run.RecordAsync(500_000));
        await run.DeliverAsync(() => run.RecordAsync(3_000_000));
    }

    private static async Task StayDarkAsync(NetworkRun run)
    {
        long attempts = await run.AttemptsAsync();
        long delivered = await run.DeliveredAsync();
        await Task.Delay(s_dark, TimeProvider.System, Token);
        await run.RecordAsync(200_000);
        await run.WaitForAttemptAsync(attempts);
        Assert.True(await run.DeliveredAsync() - delivered < 100, "It went on through a link that is cut.");
    }

    private async Task BothAsync(Func<NetworkRun, Task> happen)
    {
        await Task.WhenAll(OneAsync(false), OneAsync(true));

        async Task OneAsync(bool isMqtt)
        {
            await using NetworkRun run = await NetworkRun.CreateAsync(isMqtt);
            long begun = Stopwatch.GetTimestamp();
            await happen(run);
            string result = await run.FinishAsync();
            output.WriteLine($"{result}, in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s");
        }
    }
}
