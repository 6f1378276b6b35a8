using System.Text;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>What the client publishes, packet by packet, and what becomes of it.</summary>
public sealed class PublishingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_receive_maximum_of_the_server_bounds_what_is_under_way()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.ReceiveMaximum, 2u));
        await using MqttClient _ = client;
        List<Task<MqttPublishOutcome>> tasks = [.. Enumerable.Range(0, 4).Select(i => Publish(client, $"{i}"))];
        Assert.Equal("t a0 #1 q1 0", (await server.ExpectAsync(PacketType.Publish)).Publish);
        Assert.Equal("t a0 #2 q1 1", (await server.ExpectAsync(PacketType.Publish)).Publish);

        await client.SubscribeAfterAsync(server);
        await server.SendAckAsync(PacketType.Puback, 2);
        Assert.Equal("t a0 #4 q1 2", (await server.ExpectAsync(PacketType.Publish)).Publish);
        await server.SendAckAsync(PacketType.Puback, 1, MqttReasonCode.NoMatchingSubscribers);
        Assert.Equal("t a0 #5 q1 3", (await server.ExpectAsync(PacketType.Publish)).Publish);
        await server.SendAckAsync(PacketType.Puback, 5, MqttReasonCode.QuotaExceeded);
        await server.SendAsync(new AckPacket(PacketType.Puback, 4, MqttReasonCode.NotAuthorized, "not yours").Encode());
        Assert.Equal(
            [
                new(MqttPublishStatus.Delivered, MqttReasonCode.NoMatchingSubscribers),
                new(MqttPublishStatus.Delivered, MqttReasonCode.Success),
                new(MqttPublishStatus.Refused, MqttReasonCode.NotAuthorized, "not yours"),
                new(MqttPublishStatus.Refused, MqttReasonCode.QuotaExceeded),
            ], await Task.WhenAll(tasks));
    }

    [Fact]
    public async Task All_is_written_only_when_the_server_has_let_all_go_or_the_connection_has_ended()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.ReceiveMaximum, 1u));
        await using MqttClient _ = client;
        await client.WaitUntilWrittenAsync(Ct);
        List<Task<MqttPublishOutcome>> tasks = [.. Enumerable.Range(0, 3).Select(i => Publish(client, $"{i}"))];
        Task written = client.WaitUntilWrittenAsync(Ct);
        await server.ExpectAsync(PacketType.Publish);
        await server.SendAckAsync(PacketType.Puback, 1);
        await server.ExpectAsync(PacketType.Publish);
        Assert.False(written.IsCompleted);
        await server.SendAckAsync(PacketType.Puback, 2);
        await server.ExpectAsync(PacketType.Publish);
        await written;
        Assert.False(tasks[2].IsCompleted);

        Task<MqttPublishOutcome> last = Publish(client, "3");
        written = client.WaitUntilWrittenAsync(Ct);
        Assert.False(written.IsCompleted);
        server.Link.Cut();
        await written;
        Assert.Equal(MqttPublishStatus.NotSent, (await last).Status);
    }

    [Fact]
    public async Task What_is_cancelled_is_not_waited_for()
    {
        (ScriptedServer _, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.ReceiveMaximum, 1u));
        await using MqttClient ours = client;
        _ = Publish(client, "under way");
        using CancellationTokenSource cancelling = new();
        Task<MqttPublishOutcome> waiting = client.PublishAsync(
            "t", "waits"u8.ToArray(), MqttPublishOptions.AtLeastOnce, cancelling.Token).AsTask();
        Task written = client.WaitUntilWrittenAsync(Ct);
        await cancelling.CancelAsync();
        await written;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Exactly_once_goes_through_its_four_packets()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        await using MqttClient _ = client;
        Task<MqttPublishOutcome> good = Publish(client, "good", MqttQos.ExactlyOnce);
        Task<MqttPublishOutcome> bad = Publish(client, "bad", MqttQos.ExactlyOnce);
        await server.ExpectAsync(PacketType.Publish);
        await server.ExpectAsync(PacketType.Publish);
        await server.SendAckAsync(PacketType.Pubrec, 1);
        Assert.Equal(new AckPacket(PacketType.Pubrel, 1, MqttReasonCode.Success), await server.ExpectAckAsync(PacketType.Pubrel));
        await server.SendAckAsync(PacketType.Pubrec, 2, MqttReasonCode.TopicNameInvalid);
        Assert.Equal(new MqttPublishOutcome(MqttPublishStatus.Refused, MqttReasonCode.TopicNameInvalid), await bad);
        Assert.False(good.IsCompleted);
        await server.SendAckAsync(PacketType.Pubcomp, 1);
        Assert.True((await good).IsDelivered);
        await server.SendAckAsync(PacketType.Pubrec, 77);
        Assert.Equal(
            new AckPacket(PacketType.Pubrel, 77, MqttReasonCode.PacketIdentifierNotFound),
            await server.ExpectAckAsync(PacketType.Pubrel));
    }

    [Fact]
    public async Task A_resumed_session_sends_again_in_order_what_was_not_confirmed()
    {
        using MqttSession session = new();
        (ScriptedServer first, MqttClient before) = await ScriptedServer.ConnectAsync(session: session);
        Task<MqttPublishOutcome>[] tasks =
        [
            Publish(before, "one"), Publish(before, "two", MqttQos.ExactlyOnce), Publish(before, "three", MqttQos.ExactlyOnce),
            Publish(before, "four"),
        ];
        for (int i = 0; i < tasks.Length; i++)
            await first.ExpectAsync(PacketType.Publish);
        await first.SendAckAsync(PacketType.Pubrec, 2);
        await first.ExpectAckAsync(PacketType.Pubrel);
        await first.SendAckAsync(PacketType.Puback, 4);
        Assert.True((await tasks[3]).IsDelivered);
        first.Link.Cut();
        Assert.Equal(MqttFailure.ConnectionLost, (await before.Closed).Failure);
        Assert.Equal(MqttPublishStatus.NotSent, (await Publish(before, "late")).Status);
        Assert.Equal(3, session.OpenPublications);

        (ScriptedServer second, MqttClient after) = await ScriptedServer.ConnectAsync(session: session, sessionPresent: true);
        await using MqttClient _ = after;
        Task<MqttPublishOutcome> five = Publish(after, "five");
        Assert.Equal("t a0 #1 q1 dup one", (await second.ExpectAsync(PacketType.Publish)).Publish);
        List<string> rest = [];
        for (int i = 0; i < 3; i++)
        {
            ReceivedPacket packet = await second.ReadAsync();
            rest.Add(packet.Header.Type == PacketType.Publish ? packet.Publish : $"{packet.Header.Type} {packet.Ack.Id}");
        }

        Assert.Equal(["Pubrel 2", "t a0 #3 q2 dup three", "t a0 #5 q1 five"], rest.Order(StringComparer.Ordinal));
        await second.SendAckAsync(PacketType.Puback, 1);
        await second.SendAckAsync(PacketType.Pubcomp, 2);
        await second.SendAckAsync(PacketType.Pubrec, 3);
        await second.ExpectAckAsync(PacketType.Pubrel);
        await second.SendAckAsync(PacketType.Pubcomp, 3);
        await second.SendAckAsync(PacketType.Puback, 5);
        Assert.All(await Task.WhenAll([.. tasks, five]), outcome => Assert.True(outcome.IsDelivered));
    }

    [Fact]
    public async Task Where_the_server_lost_the_session_what_was_not_confirmed_is_sent_as_new()
    {
        using MqttSession session = new();
        (ScriptedServer first, MqttClient before) = await ScriptedServer.ConnectAsync(session: session);
        Task<MqttPublishOutcome> received = Publish(before, "received", MqttQos.ExactlyOnce);
        Task<MqttPublishOutcome> open = Publish(before, "open");
        await first.ExpectAsync(PacketType.Publish);
        await first.ExpectAsync(PacketType.Publish);
        await first.SendAckAsync(PacketType.Pubrec, 1);
        await first.ExpectAckAsync(PacketType.Pubrel);
        first.Link.Cut();
        await before.Closed;
        (ScriptedServer second, MqttClient after) = await ScriptedServer.ConnectAsync(session: session);
        await using MqttClient _ = after;
        Assert.False(after.SessionPresent);
        Assert.Equal("t a0 #3 q1 open", (await second.ExpectAsync(PacketType.Publish)).Publish);
        Assert.True((await received).IsDelivered);
        await second.SendAckAsync(PacketType.Puback, 3);
        Assert.True((await open).IsDelivered);
    }

    [Fact]
    public async Task Without_a_carried_session_every_publication_ends_with_the_connection()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.ReceiveMaximum, 1u));
        Task<MqttPublishOutcome> sent = Publish(client, "sent");
        Task<MqttPublishOutcome> waiting = Publish(client, "waiting");
        await server.ExpectAsync(PacketType.Publish);
        server.Link.Cut();
        Assert.Equal(
            (MqttPublishStatus.Unconfirmed, MqttPublishStatus.NotSent), ((await sent).Status, (await waiting).Status));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Cancelled_before_it_is_sent_a_message_is_never_sent_and_after_it_never_sent_again()
    {
        using MqttSession session = new();
        PropertySet one = new PropertySet().Add(PropertyId.ReceiveMaximum, 1u);
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(connack: one, session: session);
        using CancellationTokenSource cancelSent = new();
        using CancellationTokenSource cancelWaiting = new();
        Task<MqttPublishOutcome> sent = Publish(client, "sent", MqttQos.ExactlyOnce, cancelSent.Token);
        await server.ExpectAsync(PacketType.Publish);
        Task<MqttPublishOutcome> waiting = Publish(client, "waiting", MqttQos.AtLeastOnce, cancelWaiting.Token);
        Task<MqttPublishOutcome> last = Publish(client, "last");
        await cancelWaiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await cancelSent.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        server.Link.Cut();
        await client.Closed;
        (server, client) = await ScriptedServer.ConnectAsync(connack: one, session: session, sessionPresent: true);
        await using MqttClient _ = client;

        // Its payload is the caller's again; PUBREL makes the server forget the identifier.
        List<string> packets = [];
        for (int i = 0; i < 2; i++)
        {
            ReceivedPacket packet = await server.ReadAsync();
            packets.Add(packet.Header.Type == PacketType.Publish ? packet.Publish : $"{packet.Header.Type} {packet.Ack.Id}");
        }

        Assert.Equal(["Pubrel 1", "t a0 #2 q1 last"], packets.Order(StringComparer.Ordinal));
        await server.SendAckAsync(PacketType.Pubcomp, 1, MqttReasonCode.PacketIdentifierNotFound);
        await server.SendAckAsync(PacketType.Puback, 2);
        Assert.True((await last).IsDelivered);
        Assert.Equal(0, session.OpenPublications);
    }

    [Fact]
    public async Task What_the_server_does_not_take_is_not_sent()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            new() { PublishQueueMax = 2 },
            new PropertySet().Add(PropertyId.MaximumPacketSize, 20u).Add(PropertyId.MaximumQos, 1u)
                .Add(PropertyId.RetainAvailable, 0u).Add(PropertyId.ReceiveMaximum, 1u));
        await using MqttClient _ = client;
        Assert.Equal(MqttPublishStatus.TooLarge, (await Publish(client, new string('x', 13))).Status);
        Assert.Equal(
            (MqttPublishStatus.NotSupported, MqttReasonCode.QosNotSupported),
            Fields(await Publish(client, "x", MqttQos.ExactlyOnce)));
        Assert.Equal(
            (MqttPublishStatus.NotSupported, MqttReasonCode.RetainNotSupported),
            Fields(await client.PublishAsync("t", default, new() { Retain = true }, Ct)));
        Task<MqttPublishOutcome> fits = Publish(client, new string('x', 12));
        Assert.Equal(20, (await server.ExpectAsync(PacketType.Publish)).Header.PacketBytes);
        Task<MqttPublishOutcome> waits = Publish(client, "waits");
        Assert.Equal(MqttPublishStatus.QueueFull, (await Publish(client, "over")).Status);
        await server.SendAckAsync(PacketType.Puback, 1);
        Assert.True((await fits).IsDelivered);
        await server.ExpectAsync(PacketType.Publish);
        await server.SendAckAsync(PacketType.Puback, 2);
        Assert.True((await waits).IsDelivered);
    }

    [Fact]
    public async Task Topic_aliases_stand_for_the_topics_used_last()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            connack: new PropertySet().Add(PropertyId.TopicAliasMaximum, 2u));
        await using MqttClient _ = client;
        List<string> lines = [];
        foreach (string topic in new[] { "a", "b", "a", "c", "a", "b" })
        {
            await client.PublishAsync(topic, Encoding.UTF8.GetBytes(topic), cancellationToken: Ct);
            lines.Add((await server.ExpectAsync(PacketType.Publish)).Publish);
        }

        Assert.Equal(
            ["a a1 #0 q0 a", "b a2 #0 q0 b", " a1 #0 q0 a", "c a2 #0 q0 c", " a1 #0 q0 a", "b a2 #0 q0 b"], lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+")]
    [InlineData("a/#")]
    [InlineData("a\0b")]
    public async Task No_topic_name_is_an_argument_error(string topic)
    {
        (_, MqttClient client) = await ScriptedServer.ConnectAsync();
        await using MqttClient __ = client;
        await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync(topic, default, cancellationToken: Ct).AsTask());
    }

    [Fact]
    public void Half_a_surrogate_pair_is_in_no_topic()
    {
        Assert.False(MqttTopic.IsName("a\uD83D"));
        Assert.False(MqttTopic.IsFilter("\uDE97/+"));
        Assert.True(MqttTopic.IsName("a\uD83D\uDE97\uFFFD"));
    }

    [Fact]
    public async Task Before_goodbye_what_may_be_sent_is_sent()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        List<Task<MqttPublishOutcome>> tasks = [.. Enumerable.Range(0, 100).Select(i => Publish(client, $"{i}", MqttQos.AtMostOnce))];
        Task ending = client.DisconnectAsync(new() { ReasonCode = MqttReasonCode.DisconnectWithWill, ReasonText = "bye" }, Ct);
        for (int i = 0; i < 100; i++)
            Assert.Equal($"t a0 #0 q0 {i}", (await server.ExpectAsync(PacketType.Publish)).Publish);
        Assert.Equal(MqttReasonCode.DisconnectWithWill, await server.ExpectDisconnectAsync());
        await server.Link.Server.CloseAsync(Ct);
        await ending;
        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
    }

    private static (MqttPublishStatus, MqttReasonCode) Fields(MqttPublishOutcome outcome) => (outcome.Status, outcome.ReasonCode);

    private static Task<MqttPublishOutcome> Publish(
        MqttClient client, string payload, MqttQos qos = MqttQos.AtLeastOnce, CancellationToken? token = null)
        => client.PublishAsync("t", Encoding.UTF8.GetBytes(payload), new() { Qos = qos }, token ?? Ct).AsTask();
}
