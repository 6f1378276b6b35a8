using AvSdk.Contracts.V1;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using AvSdk.Recording.Uplink;
using AvSdk.Tests.Mqtt;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

/// <summary>Somebody else connects to the broker under the vehicle's name.</summary>
public sealed class SharedNameTests
{
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_s_word_that_a_connection_was_taken_over_is_no_failure_to_be_tried_again_soon()
    {
        using ScriptedServer broker = new();
        await using MqttUplink uplink = new("mqtt://broker", new MqttUplinkOptions
        {
            VehicleId = "veh-1",
            ConnectChannel = _ => ValueTask.FromResult(broker.Link.Client),
        });
        Task<IUplinkSession> connecting = uplink.ConnectAsync(Ct).AsTask();
        await broker.ExpectConnectAsync();
        await broker.SendAsync(new ConnackPacket(false, MqttReasonCode.Success, null).Encode());
        ReceivedPacket subscribe = await broker.ExpectAsync(PacketType.Subscribe);
        PacketReader input = new(subscribe.Body, 0);
        SubscribePacket filters = SubscribePacket.Read(ref input)!;
        await broker.SendAsync(new CodesPacket(
            PacketType.Suback, filters.Id, [MqttReasonCode.GrantedQos1, MqttReasonCode.NotAuthorized], null).Encode());
        await using IUplinkSession session = await connecting;

        await broker.SendAsync(new EndPacket(PacketType.Disconnect, MqttReasonCode.SessionTakenOver, null).Encode());

        UplinkException end = await Assert.ThrowsAsync<UplinkException>(() => session.ReceiveAsync(Ct).AsTask());
        Assert.False(end.IsTransient);
        Assert.Contains("Another client has connected to the broker as veh-1", end.Message, StringComparison.Ordinal);
        Assert.Contains("or stop the other", end.Message, StringComparison.Ordinal);
        broker.Link.Cut();
    }

    [Fact]
    public void Another_s_status_found_at_two_connections_tells_and_one_s_own_does_not()
    {
        SharedNameWatch names = new(_time);
        names.Begin("a1");
        Assert.False(names.See(Of("b0", online: false), isRetained: true));
        names.Begin("a2");
        Assert.False(names.See(Of("a1", online: false), isRetained: true));
        names.Begin("a3");
        Assert.False(names.See(Of("b1", online: false), isRetained: true));
        Assert.False(names.IsShared);
        names.Begin("a4");
        Assert.True(names.See(Of("b2", online: false), isRetained: true));
        Assert.True(names.IsShared);
        Assert.False(names.See(Of("b3", online: true), isRetained: false));

        names.Begin("a5");
        Assert.False(names.See(Of("a4", online: false), isRetained: true));
        Assert.False(names.IsShared);
    }

    [Fact]
    public void Another_that_comes_while_one_is_there_tells_at_once_and_is_forgotten_after_a_while()
    {
        SharedNameWatch names = new(_time);
        names.Begin("a1");
        Assert.False(names.See(Of("b0", online: false), isRetained: false));
        Assert.False(names.See(Of("a1", online: true), isRetained: false));
        Assert.True(names.See(Of("b1", online: true), isRetained: false));
        Assert.True(names.IsShared);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(names.IsShared);
    }

    private static VehicleStatus Of(string connection, bool online) => new() { Connection = connection, Online = online };
}
