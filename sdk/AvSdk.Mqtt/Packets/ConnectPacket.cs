namespace AvSdk.Mqtt.Packets;

/// <summary>CONNECT (MQTT 5, section 3.1).</summary>
internal sealed record ConnectPacket
{
    private const byte Version = 5;
    private const int CleanStartFlag = 0x02;
    private const int WillFlag = 0x04;
    private const int WillRetainFlag = 0x20;
    private const int PasswordFlag = 0x40;
    private const int UserNameFlag = 0x80;

    public string ClientId { get; init; } = "";

    public bool CleanStart { get; init; }

    public ushort KeepAliveSeconds { get; init; }

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    public MqttWill? Will { get; init; }

    public PropertySet? Properties { get; init; }

    public byte[] Encode()
    {
        PacketWriter output = new();
        output.Text("MQTT");
        output.Byte(Version);
        output.Byte((CleanStart ? CleanStartFlag : 0)
            | (Will is { } will ? WillFlag | ((int)will.Qos << 3) | (will.Retain ? WillRetainFlag : 0) : 0)
            | (Password is null ? 0 : PasswordFlag)
            | (UserName is null ? 0 : UserNameFlag));
        output.UInt16(KeepAliveSeconds);
        output.Properties(Properties);
        output.Text(ClientId);
        if (Will is not null)
        {
            output.Properties(WillProperties(Will));
            output.Text(Will.Topic);
            output.Binary(Will.Payload.Span);
        }

        if (UserName is not null)
            output.Text(UserName);
        if (Password is { } password)
            output.Binary(password.Span);
        return output.ToPacket(PacketType.Connect);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static ConnectPacket? Read(ref PacketReader input)
    {
        if (!input.Text("protocol name (3.1.2.1)").SequenceEqual("MQTT"u8))
            input.Fail(MqttReasonCode.UnsupportedProtocolVersion, "protocol name (3.1.2-1)");
        if (input.Byte("protocol version (3.1.2.2)") != Version)
            input.Fail(MqttReasonCode.UnsupportedProtocolVersion, "protocol version other than 5 (3.1.2-2)");
        int flags = input.Byte("connect flags (3.1.2.3)");
        if (!AreFlagsGood(flags))
            input.Fail(MqttReasonCode.MalformedPacket, "connect flags (3.1.2-3, 3.1.2-11 to 3.1.2-13)");
        ushort keepAlive = input.UInt16("keep alive (3.1.2.10)");
        PropertySet? properties = PropertySet.Read(ref input, PacketType.Connect);
        string clientId = input.String("client identifier (3.1.3.1)");
        MqttWill? will = (flags & WillFlag) != 0 ? ReadWill(ref input, flags) : null;
        string? userName = (flags & UserNameFlag) != 0 ? input.String("user name (3.1.3.5)") : null;
        byte[]? password = (flags & PasswordFlag) != 0 ? input.Binary("password (3.1.3.6)").ToArray() : null;
        input.RequireEnd();
        if (input.Failed)
            return null;
        return new ConnectPacket
        {
            ClientId = clientId,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAliveSeconds = keepAlive,
            UserName = userName,
            Password = password is null ? default(ReadOnlyMemory<byte>?) : password,
            Will = will,
            Properties = properties,
        };
    }

    private static bool AreFlagsGood(int flags)
    {
        int willQos = (flags >> 3) & 3;
        bool hasWill = (flags & WillFlag) != 0;
        return (flags & 1) == 0 && willQos < 3 && (hasWill || (willQos == 0 && (flags & WillRetainFlag) == 0));
    }

    private static MqttWill? ReadWill(ref PacketReader input, int flags)
    {
        PropertySet? properties = PropertySet.Read(ref input, PropertyTable.Will);
        string topic = input.String("will topic (3.1.3.3)");
        byte[] payload = input.Binary("will payload (3.1.3.4)").ToArray();
        if (!input.Failed && !MqttTopic.IsName(topic))
            input.Fail(MqttReasonCode.TopicNameInvalid, "a will topic that is no topic name (4.7)");
        return new MqttWill
        {
            Topic = topic,
            Payload = payload,
            Qos = (MqttQos)((flags >> 3) & 3),
            Retain = (flags & WillRetainFlag) != 0,
            Delay = Seconds(properties?.Number(PropertyId.WillDelay)) ?? TimeSpan.Zero,
            MessageExpiry = Seconds(properties?.Number(PropertyId.MessageExpiry)),
            IsText = properties?.Number(PropertyId.PayloadFormat) == 1,
            ContentType = properties?.Text(PropertyId.ContentType),
            ResponseTopic = properties?.Text(PropertyId.ResponseTopic),
            CorrelationData = properties?.Data(PropertyId.CorrelationData) ?? default,
            UserProperties = properties?.UserProperties() ?? [],
        };
    }

    private static PropertySet WillProperties(MqttWill will) => new PropertySet()
        .Add(PropertyId.WillDelay, will.Delay > TimeSpan.Zero ? WireTime.Seconds(will.Delay) : null)
        .Add(PropertyId.PayloadFormat, will.IsText ? 1u : null)
        .Add(PropertyId.MessageExpiry, will.MessageExpiry is { } expiry ? WireTime.Seconds(expiry) : null)
        .Add(PropertyId.ContentType, will.ContentType)
        .Add(PropertyId.ResponseTopic, will.ResponseTopic)
        .Add(PropertyId.CorrelationData, will.CorrelationData)
        .Add(will.UserProperties);

    private static TimeSpan? Seconds(uint? seconds) => seconds is { } value ? WireTime.FromSeconds(value) : null;
}
