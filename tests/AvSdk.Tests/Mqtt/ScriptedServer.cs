using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>The server's end of a link, played by the test packet by packet.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly PacketBuffer _buffer = new(16 << 20);

    public MemoryLink Link { get; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A client that this server has accepted.</summary>
    public static async Task<(ScriptedServer Server, MqttClient Client)> ConnectAsync(
        MqttClientOptions? options = null, PropertySet? connack = null, MqttSession? session = null, bool sessionPresent = false)
    {
        ScriptedServer server = new();
        Task<MqttClient> connecting = server.StartClient(options, session);
        await server.ExpectConnectAsync();
        await server.SendAsync(new ConnackPacket(sessionPresent, MqttReasonCode.Success, connack).Encode());
        return (server, await connecting);
    }

    public Task<MqttClient> StartClient(MqttClientOptions? options = null, MqttSession? session = null)
    {
        options = (options ?? new MqttClientOptions()) with { ConnectChannel = _ => ValueTask.FromResult(Link.Client) };
        return session is null ? MqttClient.ConnectAsync(options, Ct) : MqttClient.ConnectAsync(options, session, Ct);
    }

    public async Task<ConnectPacket> ExpectConnectAsync()
    {
        ReceivedPacket packet = await ReadAsync();
        Assert.Equal(PacketType.Connect, packet.Header.Type);
        PacketReader input = new(packet.Body, 0);
        return ConnectPacket.Read(ref input)!;
    }

    public async Task SendAsync(params byte[][] packets)
        => await Link.Server.WriteAsync(packets.SelectMany(packet => packet).ToArray(), default, Ct);

    public Task SendAckAsync(PacketType type, ushort id, MqttReasonCode code = MqttReasonCode.Success)
        => SendAsync(new AckPacket(type, id, code).Encode());

    public Task SendPublishAsync(
        string topic, ushort id, MqttQos qos, string payload, bool duplicate = false, ushort alias = 0)
        => SendAsync(PacketSamples.Publish(topic, new() { Qos = qos }, id, alias, payload, duplicate));

    /// <summary>The next packet, or the end of the connection.</summary>
    public async Task<ReceivedPacket?> TryReadAsync()
    {
        while (true)
        {
            if (TryTake() is { } packet)
                return packet;
            int bytes = await Link.Server.ReadAsync(_buffer.GetFreeMemory(), Ct);
            if (bytes == 0)
                return null;
            _buffer.Commit(bytes);
        }
    }

    public async Task<ReceivedPacket> ReadAsync()
        => await TryReadAsync() ?? throw new InvalidOperationException("The client closed the connection.");

    public async Task<ReceivedPacket> ExpectAsync(PacketType type)
    {
        ReceivedPacket packet = await ReadAsync();
        Assert.Equal(type, packet.Header.Type);
        return packet;
    }

    /// <summary>An acknowledgement.</summary>
    public async Task<AckPacket> ExpectAckAsync(PacketType type) => (await ExpectAsync(type)).Ack;

    /// <summary>The client says this last and ends the connection.</summary>
    public async Task<MqttReasonCode> ExpectDisconnectAsync()
    {
        ReceivedPacket packet = await ExpectAsync(PacketType.Disconnect);
        Assert.Null(await TryReadAsync());
        return packet.End.Code;
    }

    public void Dispose()
    {
        Link.Dispose();
        _buffer.Dispose();
    }

    private ReceivedPacket? TryTake()
    {
        bool isWhole = _buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error);
        Assert.False(error.IsError, error.ToString());
        return isWhole ? new ReceivedPacket(header, body.ToArray()) : null;
    }
}

/// <summary>Exchanges that several tests need.</summary>
internal static class ScriptedExchange
{
    /// <summary>
    /// Subscribes: when that is done, everything sent before has been read, and nothing else was written meanwhile.
    /// </summary>
    public static async Task SubscribeAfterAsync(this MqttClient client, ScriptedServer server)
    {
        Task<MqttFilterOutcome> subscribing = client.SubscribeAsync("x", cancellationToken: TestContext.Current.CancellationToken);
        ReceivedPacket packet = await server.ExpectAsync(PacketType.Subscribe);
        ushort id = (ushort)((packet.Body[0] << 8) | packet.Body[1]);
        await server.SendAsync(new CodesPacket(PacketType.Suback, id, [MqttReasonCode.GrantedQos1], null).Encode());
        Assert.True((await subscribing).IsGranted);
    }
}
