using System.Text;
using AvSdk.Ingestion;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.SystemTests.Drive;
using AvSdk.SystemTests.Faults;
using AvSdk.SystemTests.Processes;
using AvSdk.Testing;

namespace AvSdk.SystemTests.Identity;

/// <summary>What is recorded over TLS arrives, whatever happens to the certificates meanwhile.</summary>
public sealed class SecureDriveTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_drive_over_mutual_tls_arrives_identical()
    {
        ExpectedDrive drive = ExpectedDrive.Require("rav4_60s.lz4");
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using AgentSetup setup = fleet.Agent("veh-1");
        setup.WriteConfig();
        await using TestProcess replay = await TestProcess.RunAsync(
            Executable.Agent, "replay", drive.File, "--rate", "0", "--config", setup.ConfigFile);

        Assert.True(replay.ExitCode == 0, replay.Describe());
        Assert.Equal(drive.Messages, AgentSetup.Figures(replay)["delivered"]);
        await using AvClient client = fleet.Connect();
        using DriveHash arrived = new();
        await foreach (RawMessage message in client.Query().Vehicles("veh-1").ReadRawAsync(Token))
            arrived.Add(message.Topic, message.LogTime, message.Sequence, message.Payload.Span);
        Assert.Equal(drive.Hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal), arrived.ToDictionary());
        await using Stream mcap = await client.Query().Vehicles("veh-1").OpenMcapAsync(Token);
        byte[] magic = new byte[8];
        await mcap.ReadExactlyAsync(magic, Token);
        Assert.Equal("\u0089MCAP0\r\n", Encoding.Latin1.GetString(magic));
    }

    [Fact]
    public async Task Certificates_of_both_ends_are_replaced_while_they_run_and_nothing_is_lost()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using AgentSetup setup = fleet.Agent("veh-1");
        setup.Sections += ", " + NumberedTopic.Lanes();
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        await using AvClient client = fleet.Connect();
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = Task.Run(() => source.WriteAsync(500_000, enough.Token), Token);
        for (int round = 1; round <= 3; round++)
        {
            string vehicle = fleet.Certificates("vehicles", "veh-1.pem");
            string[] outdated =
                [SecureFleet.SerialOf(vehicle), SecureFleet.SerialOf(fleet.Certificates("clients", "developer.pem"))];

            await fleet.DevCertsAsync("--renew");
            await File.AppendAllLinesAsync(fleet.RevokedFile, outdated, Token);
            agent.Signal(TestProcess.SigHup);
            gateway.Signal(TestProcess.SigHup);

            // The link goes on with what it was made with; an agent that is told another retry delay makes a new one.
            string renewed = SecureFleet.SerialOf(vehicle);
            await agent.WaitForLineAsync($"new connections use own certificate CN=veh-1 (serial {renewed})");
            string served = SecureFleet.SerialOf(fleet.Certificates("gateway.pem"));
            await gateway.WaitForLineAsync(
                line => line.Contains("new connections use", StringComparison.Ordinal) && line.Contains(served, StringComparison.Ordinal),
                $"the gateway's certificate {served}");
            Assert.Equal(served, await fleet.ServedSerialAsync());
            int connected = Count(gateway, "veh-1 is connected");
            setup.Sections = setup.Sections.Replace("\"50 ms\"", $"\"5{round} ms\"", StringComparison.Ordinal)
                .Replace($"\"5{round - 1} ms\"", $"\"5{round} ms\"", StringComparison.Ordinal);
            setup.WriteConfig();
            agent.Signal(TestProcess.SigHup);
            await gateway.WaitForLineAsync(
                _ => Count(gateway, "veh-1 is connected") > connected, $"connection {connected + 1} of veh-1");
            Assert.Contains(renewed, await StatusAsync(setup), StringComparison.Ordinal);

            // A client that was there before is known by its new certificate too.
            await client.Catalogue.VehiclesAsync(Token);
        }

        await enough.CancelAsync();
        await writing;
        await source.FlushAsync();
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal(source.Messages, figures["accepted"]);
        Assert.Equal(source.Messages, figures["delivered"]);
        Arrivals arrivals = await Arrivals.ReadAsync(client, "veh-1", source.Written);
        Assert.Equal((source.Messages, 0UL), (arrivals.Messages, arrivals.Missing));
    }

    [Fact]
    public async Task A_vehicle_revoked_while_it_runs_is_refused_at_the_next_connection_and_goes_on_recording()
    {
        using SecureFleet fleet = await SecureFleet.CreateAsync("veh-1");
        await using TestProcess gateway = await fleet.StartAsync();
        using AgentSetup setup = fleet.Agent("veh-1");
        await using TestProcess agent = await setup.StartAsync();
        await gateway.WaitForLineAsync("veh-1 is connected");

        string serial = SecureFleet.SerialOf(fleet.Certificates("vehicles", "veh-1.pem"));
        await File.AppendAllTextAsync(fleet.RevokedFile, $"serial={serial}   # sold\n", Token);
        setup.Sections = setup.Sections.Replace("\"50 ms\"", "\"60 ms\"", StringComparison.Ordinal);
        setup.WriteConfig();
        agent.Signal(TestProcess.SigHup);

        string told = $"the certificate CN=veh-1 (serial {serial}) was revoked";
        await agent.WaitForLineAsync(told);
        await gateway.WaitForLineAsync(told);
        await RecordsAsync(setup);
        await File.WriteAllTextAsync(fleet.RevokedFile, "# bought again\n", Token);
        await gateway.WaitForLineAsync(_ => Count(gateway, "veh-1 is connected") >= 2, "a second connection of veh-1");
        Assert.Equal(10UL, (await AgentSetup.StopAsync(agent))["delivered"]);
    }

    /// <summary>Ten messages are durable in the spool.</summary>
    internal static async Task RecordsAsync(AgentSetup setup)
    {
        await using SocketRecorder recorder = await Recorder.ConnectAsync(setup.SocketAddress, Token);
        RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/t", MessageEncoding = "json" });
        for (uint number = 1; number <= 10; number++)
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(new MessageStamp(number, number, number), "{}"u8));
        await recorder.FlushAsync(Token);
    }

    internal static async Task<string> StatusAsync(AgentSetup setup) =>
        Encoding.UTF8.GetString(await AgentStatus.RequestAsync(setup.SocketAddress, Token));

    private static int Count(TestProcess process, string text) =>
        process.Errors.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
}
