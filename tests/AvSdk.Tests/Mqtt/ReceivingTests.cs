using System.Text;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>What the client receives: order, acknowledgements, bounds.</summary>
public sealed class ReceivingTests
{
    private static readonly MqttClientOptions s_manual = new() { Acknowledgement = MqttAcknowledgement.Manual };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acknowledgements_go_out_in_the_order_the_messages_came()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(s_manual);
        await using MqttClient _ = client;
        for (ushort id = 1; id <= 3; id++)
            await server.SendPublishAsync("t", id, MqttQos.AtLeastOnce, $"{id}");
        MqttMessage[] messages = [await ReadAsync(client), await ReadAsync(client), await ReadAsync(client)];
        Assert.Equal(["1", "2", "3"], messages.Select(Text));
        Assert.True(messages[2].Acknowledge());
        Assert.True(messages[1].Acknowledge(MqttReasonCode.PayloadFormatInvalid));
        Assert.True(messages[0].Acknowledge());
        Assert.True(messages[0].Acknowledge());
        Assert.Equal(
            [(1, MqttReasonCode.Success), (2, MqttReasonCode.PayloadFormatInvalid), (3, MqttReasonCode.Success)],
            [await AckAsync(server), await AckAsync(server), await AckAsync(server)]);
        Array.ForEach(messages, message => message.Dispose());
    }

    [Fact]
    public async Task A_message_is_acknowledged_when_it_is_taken_and_not_before()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        await using MqttClient _ = client;
        await server.SendPublishAsync("t", 9, MqttQos.AtLeastOnce, "a");
        await client.SubscribeAfterAsync(server);
        using MqttMessage message = await ReadAsync(client);
        Assert.Equal((9, MqttReasonCode.Success), await AckAsync(server));
    }

    [Fact]
    public async Task A_word_that_comes_after_the_connection_is_void_for_QoS_1_and_the_message_comes_again()
    {
        using MqttSession session = new();
        (ScriptedServer first, MqttClient before) = await ScriptedServer.ConnectAsync(s_manual, session: session);
        await first.SendPublishAsync("t", 1, MqttQos.AtLeastOnce, "a");
        using MqttMessage old = await ReadAsync(before);
        first.Link.Cut();
        await before.Closed;
        Assert.False(old.Acknowledge());
        (ScriptedServer second, MqttClient after) = await ScriptedServer.ConnectAsync(
            s_manual, session: session, sessionPresent: true);
        await using MqttClient _ = after;
        Assert.False(old.Acknowledge());
        await second.SendPublishAsync("t", 1, MqttQos.AtLeastOnce, "a", duplicate: true);
        using MqttMessage again = await ReadAsync(after);
        Assert.True(again.IsDuplicate);
        Assert.True(again.Acknowledge());
        Assert.Equal((1, MqttReasonCode.Success), await AckAsync(second));
    }

    [Fact]
    public async Task QoS_2_is_given_on_once_however_often_it_is_sent()
    {
        using MqttSession session = new();
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(s_manual, session: session);
        await server.SendPublishAsync("t", 1, MqttQos.ExactlyOnce, "settled");
        await server.SendPublishAsync("t", 2, MqttQos.ExactlyOnce, "taken");
        await server.SendPublishAsync("t", 3, MqttQos.ExactlyOnce, "untaken");
        using MqttMessage settled = await ReadAsync(client);
        using MqttMessage taken = await ReadAsync(client);
        Assert.True(settled.Acknowledge());
        Assert.Equal(1, (await server.ExpectAckAsync(PacketType.Pubrec)).Id);
        server.Link.Cut();
        await client.Closed;
        Assert.True(taken.Acknowledge());

        (server, client) = await ScriptedServer.ConnectAsync(s_manual, session: session, sessionPresent: true);
        await using MqttClient _ = client;
        foreach (ushort id in new ushort[] { 1, 2, 3 })
            await server.SendPublishAsync("t", id, MqttQos.ExactlyOnce, "again", duplicate: true);
        Assert.Equal(1, (await server.ExpectAckAsync(PacketType.Pubrec)).Id);
        Assert.Equal(2, (await server.ExpectAckAsync(PacketType.Pubrec)).Id);
        using MqttMessage third = await ReadAsync(client);
        Assert.Equal("again", Text(third));
        await server.SendAckAsync(PacketType.Pubrel, 1);
        await server.SendAckAsync(PacketType.Pubrel, 2);
        await server.SendAckAsync(PacketType.Pubrel, 44);
        Assert.Equal(new AckPacket(PacketType.Pubcomp, 1, MqttReasonCode.Success), await server.ExpectAckAsync(PacketType.Pubcomp));
        Assert.Equal(new AckPacket(PacketType.Pubcomp, 2, MqttReasonCode.Success), await server.ExpectAckAsync(PacketType.Pubcomp));
        Assert.Equal(
            new AckPacket(PacketType.Pubcomp, 44, MqttReasonCode.PacketIdentifierNotFound),
            await server.ExpectAckAsync(PacketType.Pubcomp));

        // The identifier is free again: the next message with it is another.
        await server.SendPublishAsync("t", 1, MqttQos.ExactlyOnce, "new");
        using MqttMessage another = await ReadAsync(client);
        Assert.Equal("new", Text(another));
    }

    [Fact]
    public async Task Topic_aliases_of_the_server_are_resolved_and_unknown_ones_refused()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(new() { TopicAliasMaximum = 2 });
        await server.SendPublishAsync("a/b", 0, MqttQos.AtMostOnce, "1", alias: 2);
        await server.SendPublishAsync("", 0, MqttQos.AtMostOnce, "2", alias: 2);
        await server.SendPublishAsync("c", 0, MqttQos.AtMostOnce, "3", alias: 2);
        await server.SendPublishAsync("", 0, MqttQos.AtMostOnce, "4", alias: 2);
        List<string> topics = [];
        for (int i = 0; i < 4; i++)
        {
            using MqttMessage message = await ReadAsync(client);
            topics.Add(message.Topic);
        }

        Assert.Equal(["a/b", "a/b", "c", "c"], topics);
        await server.SendPublishAsync("", 0, MqttQos.AtMostOnce, "5", alias: 1);
        Assert.Equal(MqttReasonCode.TopicAliasInvalid, await server.ExpectDisconnectAsync());
        Assert.Equal((MqttFailure.BadPacket, MqttReasonCode.TopicAliasInvalid), await EndAsync(client));
    }

    [Fact]
    public async Task A_packet_over_our_maximum_ends_the_connection_before_it_is_read()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(new() { PacketBytesMax = 64 });
        await server.SendAsync(Convert.FromHexString("30FFFF03"));
        Assert.Equal(MqttReasonCode.PacketTooLarge, await server.ExpectDisconnectAsync());
        Assert.Equal((MqttFailure.BadPacket, MqttReasonCode.PacketTooLarge), await EndAsync(client));
    }

    [Theory]
    [InlineData("3003000000", MqttReasonCode.ProtocolError)]
    [InlineData("3006000274FF0078", MqttReasonCode.MalformedPacket)]
    [InlineData("20030000 00", MqttReasonCode.ProtocolError)]
    [InlineData("C000", MqttReasonCode.ProtocolError)]
    [InlineData("FF00", MqttReasonCode.MalformedPacket)]
    public async Task Bad_packets_end_the_connection_and_the_server_is_told(string hex, MqttReasonCode code)
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        await server.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(code, await server.ExpectDisconnectAsync());
        Assert.Equal((MqttFailure.BadPacket, code), await EndAsync(client));
        MqttException e = await Assert.ThrowsAsync<MqttException>(() => client.Messages.ReadAsync(Ct).AsTask());
        Assert.Equal(code, e.ReasonCode);
    }

    [Fact]
    public async Task QoS_0_that_nobody_takes_is_dropped_and_counted()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(new() { WaitingMessagesMax = 2 });
        for (int i = 0; i < 5; i++)
            await server.SendPublishAsync("t", 0, MqttQos.AtMostOnce, $"{i}");
        await client.SubscribeAfterAsync(server);
        using MqttMessage first = await ReadAsync(client);
        using MqttMessage second = await ReadAsync(client);
        Assert.Equal(("0", "1", 3), (Text(first), Text(second), client.Messages.DroppedMessages));
        await client.DisposeAsync();
        Assert.Null(await client.Messages.ReadAsync(Ct));
    }

    [Fact]
    public async Task QoS_0_that_nobody_takes_holds_the_connection_back_where_that_is_asked_for()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            new() { WaitingMessagesMax = 2, WhenFull = MqttWhenFull.Wait });
        await using MqttClient _ = client;
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
                await server.SendPublishAsync("t", 0, MqttQos.AtMostOnce, $"{i} {new string('x', 10_000)}");
        }, Ct);
        for (int i = 0; i < 200; i++)
        {
            using MqttMessage message = await ReadAsync(client);
            Assert.StartsWith($"{i} ", Text(message), StringComparison.Ordinal);
        }

        await sending;
        Assert.Equal(0, client.Messages.DroppedMessages);
    }

    [Fact]
    public async Task A_server_that_oversteps_the_receive_maximum_is_not_read_from_above_a_number_of_bytes()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            s_manual with { ReceiveMaximum = 2, UnacknowledgedBytesMax = 50_000 });
        await using MqttClient _ = client;
        Task sending = Task.Run(async () =>
        {
            for (ushort id = 1; id <= 100; id++)
                await server.SendPublishAsync("t", id, MqttQos.AtLeastOnce, new string('x', 10_000));
        }, Ct);
        List<MqttMessage> held = [];
        for (int i = 0; i < 6; i++)
            held.Add(await ReadAsync(client));
        Assert.False(client.Messages.TryRead(out MqttMessage _));
        foreach (MqttMessage message in held)
            Assert.True(message.Acknowledge());
        for (int i = 6; i < 100; i++)
        {
            using MqttMessage message = await ReadAsync(client);
            Assert.True(message.Acknowledge());
        }

        await sending;
        held.ForEach(message => message.Dispose());
    }

    [Fact]
    public async Task Held_back_with_an_answer_to_come_the_connection_ends_and_does_not_hang()
    {
        ManualTime time = new();
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync(
            s_manual with { ReceiveMaximum = 2, UnacknowledgedBytesMax = 50_000, TimeProvider = time });
        Task sending = Task.Run(async () =>
        {
            for (ushort id = 1; id <= 6; id++)
                await server.SendPublishAsync("t", id, MqttQos.AtLeastOnce, new string('x', 10_000));
        }, Ct);
        for (int i = 0; i < 6; i++)
            (await ReadAsync(client)).Dispose();
        Task<MqttPublishOutcome> answer = client.PublishAsync("a", default, MqttPublishOptions.AtLeastOnce, Ct).AsTask();
        await server.ExpectAsync(PacketType.Publish);
        await sending;
        while (!client.Closed.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal((MqttFailure.BadPacket, MqttReasonCode.ReceiveMaximumExceeded), await EndAsync(client));
        Assert.Equal(MqttPublishStatus.Unconfirmed, (await answer).Status);
    }

    [Fact]
    public async Task A_payload_of_any_size_comes_as_it_was_sent()
    {
        (ScriptedServer server, MqttClient client) = await ScriptedServer.ConnectAsync();
        await using MqttClient _ = client;
        int[] sizes = [0, 1, 4000, 16_370, 16_384, 20_000, 65_536, 70_000, 300_000, 3_000_000, 5, 0];
        Task sending = Task.Run(async () =>
        {
            foreach (int size in sizes)
                await server.SendPublishAsync("t", 0, MqttQos.AtMostOnce, Pattern(size));
        }, Ct);
        foreach (int size in sizes)
        {
            using MqttMessage message = await ReadAsync(client);
            Assert.True(Pattern(size) == Text(message), $"{size} bytes");
        }

        await sending;
    }

    private static string Pattern(int bytes) => string.Create(bytes, bytes, static (span, seed) =>
    {
        for (int i = 0; i < span.Length; i++)
            span[i] = (char)('!' + ((i * 31) + seed) % 90);
    });

    private static async Task<(MqttFailure, MqttReasonCode)> EndAsync(MqttClient client)
    {
        MqttException end = await client.Closed;
        await client.DisposeAsync();
        return (end.Failure, end.ReasonCode);
    }

    private static string Text(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private static async Task<MqttMessage> ReadAsync(MqttClient client) => (await client.Messages.ReadAsync(Ct))!;

    private static async Task<(int, MqttReasonCode)> AckAsync(ScriptedServer server)
    {
        AckPacket ack = await server.ExpectAckAsync(PacketType.Puback);
        return (ack.Id, ack.Code);
    }
}
