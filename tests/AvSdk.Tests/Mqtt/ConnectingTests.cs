using System.Net;
using System.Net.Sockets;
using System.Text;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>How connections begin, live and end.</summary>
public sealed class ConnectingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_says_what_the_options_say_and_the_capabilities_are_what_the_server_says()
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient(new()
        {
            KeepAlive = TimeSpan.FromSeconds(45),
            SessionExpiry = Timeout.InfiniteTimeSpan,
            UserName = "u",
            Password = new byte[] { 1 },
            ReceiveMaximum = 7,
            PacketBytesMax = 1000,
            TopicAliasMaximum = 3,
            RequestResponseInformation = true,
            RequestProblemInformation = false,
            UserProperties = [new("a", "b")],
        });
        ConnectPacket connect = await server.ExpectConnectAsync();
        Assert.Equal(("", true, 45, "u"), (connect.ClientId, connect.CleanStart, connect.KeepAliveSeconds, connect.UserName));
        Assert.Equal([1], connect.Password!.Value.ToArray());
        PropertySet properties = connect.Properties!;
        Assert.Equal(
            (uint.MaxValue, 7u, 1000u, 3u, 1u, 0u),
            (properties.Number(PropertyId.SessionExpiry), properties.Number(PropertyId.ReceiveMaximum),
                properties.Number(PropertyId.MaximumPacketSize), properties.Number(PropertyId.TopicAliasMaximum),
                properties.Number(PropertyId.RequestResponseInformation), properties.Number(PropertyId.RequestProblemInformation)));
        Assert.Equal([new MqttUserProperty("a", "b")], properties.UserProperties());
        await server.SendAsync(new ConnackPacket(false, MqttReasonCode.Success, new PropertySet()
            .Add(PropertyId.AssignedClientId, "auto-1").Add(PropertyId.ServerKeepAlive, 20u).Add(PropertyId.SessionExpiry, 60u)
            .Add(PropertyId.SharedSubscriptions, 0u).Add(PropertyId.ResponseInformation, "answers/")).Encode());
        await using MqttClient client = await connecting;
        Assert.Equal("auto-1", client.ClientId);
        Assert.Equal(
            new MqttServerCapabilities
            {
                KeepAlive = TimeSpan.FromSeconds(20),
                SessionExpiry = TimeSpan.FromMinutes(1),
                SharedSubscriptions = false,
                ResponseInformation = "answers/",
                UserProperties = client.Server.UserProperties,
            }, client.Server);
    }

    [Fact]
    public async Task A_carried_session_is_resumed_under_the_identifier_the_server_chose()
    {
        using MqttSession session = new();
        (ScriptedServer first, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.AssignedClientId, "auto-1"), session: session);
        await Assert.ThrowsAsync<InvalidOperationException>(() => new ScriptedServer().StartClient(session: session));
        first.Link.Cut();
        await client.Closed;
        ScriptedServer second = new();
        Task<MqttClient> connecting = second.StartClient(session: session);
        ConnectPacket connect = await second.ExpectConnectAsync();
        Assert.Equal(("auto-1", false), (connect.ClientId, connect.CleanStart));
        await second.SendAsync(new ConnackPacket(true, MqttReasonCode.Success, null).Encode());
        await using MqttClient again = await connecting;
        Assert.True(again.SessionPresent);
    }

    [Fact]
    public async Task A_refusal_is_told_with_all_that_the_server_said()
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient();
        await server.ExpectConnectAsync();
        await server.SendAsync(new ConnackPacket(false, MqttReasonCode.UseAnotherServer, new PropertySet()
            .Add(PropertyId.ReasonString, "full").Add(PropertyId.ServerReference, "other:1883")
            .Add([new MqttUserProperty("after", "30")])).Encode());
        MqttException e = await Assert.ThrowsAsync<MqttException>(() => connecting);
        Assert.Equal(
            (MqttFailure.Refused, MqttReasonCode.UseAnotherServer, "other:1883", true),
            (e.Failure, e.ReasonCode, e.ServerReference, e.IsTransient));
        Assert.Equal([new MqttUserProperty("after", "30")], e.UserProperties);
        Assert.Contains("full", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Please log in</html>")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\u0020\u0002\u0000\u0000")]
    public async Task What_is_no_MQTT_5_server_is_told_as_such(string answer)
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient();
        await server.ExpectConnectAsync();
        await server.SendAsync(Encoding.Latin1.GetBytes(answer));
        MqttException e = await Assert.ThrowsAsync<MqttException>(() => connecting);
        Assert.Equal((MqttFailure.Unreachable, true), (e.Failure, e.IsTransient));
        Assert.Contains("login page", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_timeout()
    {
        ManualTime time = new();
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient(new() { TimeProvider = time, ConnectTimeout = TimeSpan.FromSeconds(5) });
        await server.ExpectConnectAsync();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        MqttException e = await Assert.ThrowsAsync<MqttException>(() => connecting);
        Assert.Equal(MqttFailure.Unreachable, e.Failure);
        Assert.Contains("no answer within 00:00:05", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nobody_serves_is_unreachable_and_named()
    {
        using TcpListener held = new(IPAddress.Loopback, 0);
        held.Start();
        int port = ((IPEndPoint)held.LocalEndpoint).Port;
        held.Stop();
        MqttException e = await Assert.ThrowsAsync<MqttException>(
            () => MqttClient.ConnectAsync(new() { Address = new($"mqtt://127.0.0.1:{port}") }, Ct));
        Assert.Equal(MqttFailure.Unreachable, e.Failure);
        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_the_options_are_named_at_once()
    {
        IReadOnlyList<string> problems = new MqttClientOptions
        {
            Address = new("http://broker"),
            ReceiveMaximum = 0,
            PacketBytesMax = 1,
            KeepAlive = TimeSpan.FromDays(1),
            PingTimeout = TimeSpan.Zero,
            Will = new() { Topic = "a/+", Payload = new byte[70_000] },
        }.Validate();
        Assert.Equal(7, problems.Count);
        Assert.Contains(problems, problem => problem.StartsWith("Address is http://broker", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_last_word_of_the_server_is_the_reason_of_the_end()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        Task<MqttFilterOutcome> subscribing = client.SubscribeAsync("x", cancellationToken: Ct);
        await server.ExpectAsync(PacketType.Subscribe);
        await server.SendAsync(new EndPacket(PacketType.Disconnect, MqttReasonCode.SessionTakenOver,
            new PropertySet().Add(PropertyId.ReasonString, "by another")).Encode());
        await server.Link.Server.DisposeAsync();
        MqttException end = await client.Closed;
        Assert.Equal(
            (MqttFailure.EndedByServer, MqttReasonCode.SessionTakenOver, false), (end.Failure, end.ReasonCode, end.IsTransient));
        Assert.Contains("by another", end.Message, StringComparison.Ordinal);
        Assert.Equal(end, await Assert.ThrowsAsync<MqttException>(() => subscribing));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Pings_keep_a_quiet_connection_and_find_a_dead_one()
    {
        ManualTime time = new();
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            new() { TimeProvider = time, PingTimeout = TimeSpan.FromSeconds(4) },
            new PropertySet().Add(PropertyId.ServerKeepAlive, 10u));
        for (int round = 0; round < 3; round++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await server.ExpectAsync(PacketType.Pingreq);
            await server.SendAsync([0xD0, 0]);
            await client.SubscribeAfterAsync(server);
        }

        time.Advance(TimeSpan.FromSeconds(10));
        await server.ExpectAsync(PacketType.Pingreq);
        Assert.False(client.Closed.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(10));
        MqttException end = await client.Closed;
        Assert.Equal((MqttFailure.NoAnswer, true), (end.Failure, end.IsTransient));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task With_something_to_be_answered_silence_is_asked_about_at_once()
    {
        ManualTime time = new();
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            new() { TimeProvider = time, PingTimeout = TimeSpan.FromSeconds(2), KeepAlive = TimeSpan.FromHours(1) });
        Task<MqttPublishOutcome> publishing =
            client.PublishAsync("t", default, MqttPublishOptions.AtLeastOnce, Ct).AsTask();
        await server.ExpectAsync(PacketType.Publish);
        time.Advance(TimeSpan.FromSeconds(2.5));
        await server.ExpectAsync(PacketType.Pingreq);
        time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(MqttFailure.NoAnswer, (await client.Closed).Failure);
        Assert.Equal(MqttPublishStatus.Unconfirmed, (await publishing).Status);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_write_that_the_network_does_not_take_is_given_up()
    {
        ManualTime time = new();
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            new() { TimeProvider = time, PingTimeout = TimeSpan.FromSeconds(2) });
        Task<MqttPublishOutcome> publishing =
            client.PublishAsync("t", new byte[5_000_000], MqttPublishOptions.AtLeastOnce, Ct).AsTask();
        Assert.False(client.Closed.IsCompleted);
        while (!client.Closed.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(MqttFailure.NoAnswer, (await client.Closed).Failure);
        Assert.Equal(MqttPublishStatus.Unconfirmed, (await publishing).Status);
        await client.DisposeAsync();
        GC.KeepAlive(server);
    }

    [Fact]
    public async Task An_authentication_takes_its_steps_when_connecting_and_again_later()
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient(new() { Authenticator = () => new Counting() });
        ConnectPacket connect = await server.ExpectConnectAsync();
        Assert.Equal("COUNT", connect.Properties!.Text(PropertyId.AuthenticationMethod));
        Assert.Equal([0], connect.Properties.Data(PropertyId.AuthenticationData)!.Value.ToArray());
        await ExchangeAsync(server);
        await server.SendAsync(new ConnackPacket(false, MqttReasonCode.Success, Data(3)).Encode());
        await using MqttClient client = await connecting;

        Task again = client.ReauthenticateAsync(Ct);
        EndPacket begin = (await server.ExpectAsync(PacketType.Auth)).End;
        Assert.Equal(MqttReasonCode.Reauthenticate, begin.Code);
        await ExchangeAsync(server);
        Assert.False(again.IsCompleted);
        await server.SendAsync(new EndPacket(PacketType.Auth, MqttReasonCode.Success, Data(3)).Encode());
        await again;
        await client.SubscribeAfterAsync(server);
    }

    [Fact]
    public async Task A_server_that_the_authenticator_does_not_accept_is_left()
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient(new() { Authenticator = () => new Counting() });
        await server.ExpectConnectAsync();
        await server.SendAsync(new ConnackPacket(false, MqttReasonCode.Success, Data(99)).Encode());
        MqttException e = await Assert.ThrowsAsync<MqttException>(() => connecting);
        Assert.Equal((MqttFailure.AuthenticationFailed, false), (e.Failure, e.IsTransient));
        Assert.IsType<InvalidDataException>(e.InnerException);
    }

    private static PropertySet Data(byte data) => new PropertySet()
        .Add(PropertyId.AuthenticationMethod, "COUNT").Add(PropertyId.AuthenticationData, new ReadOnlyMemory<byte>([data]));

    private static async Task ExchangeAsync(ScriptedServer server)
    {
        await server.SendAsync(new EndPacket(PacketType.Auth, MqttReasonCode.ContinueAuthentication, Data(1)).Encode());
        EndPacket step = (await server.ExpectAsync(PacketType.Auth)).End;
        Assert.Equal(MqttReasonCode.ContinueAuthentication, step.Code);
        Assert.Equal([2], step.Properties!.Data(PropertyId.AuthenticationData)!.Value.ToArray());
    }

    /// <summary>Each end says a number that is one more than the other's.</summary>
    private sealed class Counting : MqttAuthenticator
    {
        private byte _last;

        public override string Method => "COUNT";

        public override ValueTask<ReadOnlyMemory<byte>> StartAsync(CancellationToken cancellationToken)
            => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[] { 0 });

        public override ValueTask<ReadOnlyMemory<byte>> ContinueAsync(
            ReadOnlyMemory<byte> serverData, CancellationToken cancellationToken)
        {
            Require(serverData, (byte)(_last + 1));
            _last = (byte)(serverData.Span[0] + 1);
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(new[] { _last });
        }

        public override ValueTask FinishAsync(ReadOnlyMemory<byte> serverData, CancellationToken cancellationToken)
        {
            Require(serverData, (byte)(_last + 1));
            return ValueTask.CompletedTask;
        }

        private static void Require(ReadOnlyMemory<byte> data, byte expected)
        {
            if (!data.Span.SequenceEqual([expected]))
                throw new InvalidDataException("not the number that was expected");
        }
    }
}
