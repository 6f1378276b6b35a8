using System.Security.Cryptography.X509Certificates;
using AvSdk.Contracts.Carrier;
using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Identity;
using AvSdk.Mqtt;
using AvSdk.Query;
using AvSdk.SystemTests.Drive;
using AvSdk.SystemTests.Faults;
using AvSdk.SystemTests.Processes;
using AvSdk.Testing;

namespace AvSdk.SystemTests.Identity;

/// <summary>Over a broker that knows vehicles by their certificates: what is recorded arrives, under the vehicle's own name.</summary>
public sealed class SecureBrokerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_drive_over_a_broker_that_knows_everybody_by_certificate_arrives_identical()
    {
        ExpectedDrive drive = ExpectedDrive.Require("rav4_60s.lz4");
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        await using TestProcess gateway = await broker.StartGatewayAsync();
        using AgentSetup setup = broker.Agent("veh-1");
        setup.WriteConfig();
        await using TestProcess replay = await TestProcess.RunAsync(
            Executable.Agent, "replay", drive.File, "--rate", "0", "--config", setup.ConfigFile);

        Assert.True(replay.ExitCode == 0, replay.Describe());
        Assert.Equal(drive.Messages, AgentSetup.Figures(replay)["delivered"]);
        Assert.All(
            ["u'veh-1'", "u'avgateway-depot'"], user => Assert.Contains(user, broker.Broker.Log, StringComparison.Ordinal));
        await using AvClient client = AvClient.Connect(broker.Gateway.Address);
        using DriveHash arrived = new();
        await foreach (RawMessage message in client.Query().Vehicles("veh-1").ReadRawAsync(Token))
            arrived.Add(message.Topic, message.LogTime, message.Sequence, message.Payload.Span);
        Assert.Equal(drive.Hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal), arrived.ToDictionary());
    }

    [Fact]
    public async Task Certificates_of_all_three_are_replaced_and_the_old_ones_revoked_without_a_restart_of_agent_or_gateway()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        SecureFleet fleet = broker.Fleet;
        await using TestProcess gateway = await broker.StartGatewayAsync();
        using AgentSetup setup = broker.Agent("veh-1");
        setup.Sections += ", " + NumberedTopic.Lanes();
        await using TestProcess agent = await setup.StartAsync();
        await using NumberedSource source = await NumberedSource.ConnectAsync(setup);
        await gateway.WaitForLineAsync("veh-1 is connected");
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = Task.Run(() => source.WriteAsync(500_000, enough.Token), Token);
        string vehicle = fleet.Certificates("vehicles", "veh-1.pem");
        for (int round = 1; round <= 2; round++)
        {
            string[] outdated =
                [SecureFleet.SerialOf(vehicle), SecureFleet.SerialOf(fleet.Certificates("clients", "avgateway-depot.pem"))];
            await fleet.DevCertsAsync("--renew");
            broker.Revoke(outdated);
            int connected = Count(gateway, "veh-1 is connected");

            // The connections go on with what they were made with, until the broker comes back with its new certificate.
            await broker.Broker.StopAsync();
            await broker.Broker.StartAgainAsync();
            await agent.WaitForLineAsync($"own certificate CN=veh-1 (serial {SecureFleet.SerialOf(vehicle)})");
            await gateway.WaitForLineAsync(
                _ => Count(gateway, "veh-1 is connected") > connected, $"connection {connected + 1} of veh-1");
        }

        // With the broker there all the while, a new session makes a new connection where there is a new certificate.
        int sessions = Count(gateway, "veh-1 is connected");
        int connections = Count(agent, "connected to the broker as veh-1");
        await fleet.DevCertsAsync("--vehicle", "veh-1", "--renew");
        setup.Sections = setup.Sections.Replace("\"50 ms\"", "\"51 ms\"", StringComparison.Ordinal);
        setup.WriteConfig();
        agent.Signal(TestProcess.SigHup);
        await agent.WaitForLineAsync($"own certificate CN=veh-1 (serial {SecureFleet.SerialOf(vehicle)})");
        await agent.WaitForLineAsync(
            _ => Count(agent, "connected to the broker as veh-1") > connections, "a connection with the new certificate");
        await gateway.WaitForLineAsync(_ => Count(gateway, "veh-1 is connected") > sessions, "a session over it");

        await enough.CancelAsync();
        await writing;
        await source.FlushAsync();
        IReadOnlyDictionary<string, ulong> figures = await AgentSetup.StopAsync(agent);
        Assert.Equal((source.Messages, source.Messages), (figures["accepted"], figures["delivered"]));
        await Arrivals.AssertAllAsync(broker.Gateway, "veh-1", source.Written);
    }

    [Fact]
    public async Task A_vehicle_that_is_refused_is_let_in_when_its_files_are_replaced_without_a_restart()
    {
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        SecureFleet fleet = broker.Fleet;
        broker.Revoke(SecureFleet.SerialOf(fleet.Certificates("vehicles", "veh-1.pem")));
        await broker.Broker.StopAsync();
        await broker.Broker.StartAgainAsync();
        await using TestProcess gateway = await broker.StartGatewayAsync();
        using AgentSetup setup = broker.Agent("veh-1");
        await using TestProcess agent = await setup.StartAsync();
        await agent.WaitForLineAsync("certificate revoked");

        await fleet.DevCertsAsync("--vehicle", "veh-1", "--renew");

        await gateway.WaitForLineAsync("veh-1 is connected");
        await SecureDriveTests.RecordsAsync(setup);
        Assert.Equal(10UL, (await AgentSetup.StopAsync(agent))["delivered"]);
    }

    [Fact]
    public async Task With_its_own_certificate_a_client_can_neither_write_nor_listen_as_another_vehicle()
    {
        const string session = "0123456789abcdef0123456789abcdef00000001";
        await using SecureBroker broker = await SecureBroker.CreateAsync("veh-1");
        using DevelopmentAuthority authority = broker.Fleet.OpenAuthority();
        using X509Certificate2 victim = Issue(authority, "veh-1");
        using X509Certificate2 other = Issue(authority, "veh-2");
        await using MqttClient one = await broker.ConnectAsync(victim, "one");
        await using MqttClient two = await broker.ConnectAsync(other, "two");
        await two.SubscribeAsync(CarrierTopics.AnyReply("veh-1"), cancellationToken: Token);
        await two.SubscribeAsync(CarrierTopics.AnyReply("veh-2"), cancellationToken: Token);

        foreach (string topic in new[]
        {
            CarrierTopics.Open("veh-1"), CarrierTopics.VehicleStatus("veh-1"), CarrierTopics.Reply("veh-1", session),
            CarrierTopics.Inbox("depot", "0123456789abcdef0123456789abcdef", "veh-1", session), CarrierTopics.GatewayStatus("depot"),
            CarrierTopics.Live("veh-1", "/imu"),
        })
        {
            MqttPublishOutcome outcome = await two.PublishAsync(topic, "x"u8.ToArray(), MqttPublishOptions.AtLeastOnce, Token);
            Assert.True(outcome.ReasonCode == MqttReasonCode.NotAuthorized, $"{topic}: {outcome}");
        }

        // What comes to the other vehicle does not come here; its own does, and after it.
        Assert.True(await IsTakenAsync(one, CarrierTopics.Reply("veh-1", session)));
        Assert.True(await IsTakenAsync(two, CarrierTopics.Reply("veh-2", session)));
        using MqttMessage message = (await two.Messages.ReadAsync(Token))!;
        Assert.Equal(CarrierTopics.Reply("veh-2", session), message.Topic);
    }

    private static async Task<bool> IsTakenAsync(MqttClient client, string topic) =>
        (await client.PublishAsync(topic, "x"u8.ToArray(), MqttPublishOptions.AtLeastOnce, Token)).IsDelivered;

    private static X509Certificate2 Issue(DevelopmentAuthority authority, string vehicle)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return authority.Issue(new PeerIdentity(PeerKind.Vehicle, vehicle), now.AddMinutes(-5), now.AddHours(1));
    }

    private static int Count(TestProcess process, string text) =>
        process.Errors.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
}
