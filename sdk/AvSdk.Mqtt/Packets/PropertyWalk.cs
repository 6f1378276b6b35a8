namespace AvSdk.Mqtt.Packets;

/// <summary>
/// Goes through a block of properties and checks each: known, allowed in this packet, once, in range. Allocates
/// nothing.
/// </summary>
internal ref struct PropertyWalk
{
    private readonly PacketType _place;
    private PacketReader _input;
    private ulong _seen;

    private PropertyWalk(PacketReader input, PacketType place)
    {
        _input = input;
        _place = place;
    }

    public PropertyId Id { get; private set; }

    /// <summary>Of a flag or number.</summary>
    public uint Number { get; private set; }

    /// <summary>The bytes of a text or binary property, or of a pair's name.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The bytes of a pair's value.</summary>
    public ReadOnlySpan<byte> PairValue { get; private set; }

    public readonly PacketError Error => _input.Error;

    public readonly bool Has(PropertyId id) => (_seen & (1UL << (int)id)) != 0;

    /// <summary>Takes the block off a packet, and checks it. The span is good as long as the packet's.</summary>
    public static ReadOnlySpan<byte> Take(ref PacketReader packet, PacketType place, out int offset)
    {
        int bytes = packet.Variable("property length (2.2.2.1)");
        offset = packet.Offset;
        ReadOnlySpan<byte> block = packet.Take(bytes, "properties end after the packet (2.2.2.1)");
        PropertyWalk walk = Over(block, offset, place);
        while (walk.Next())
        {
        }

        if (walk.Error.IsError)
            packet.Fail(walk.Error.Code, walk.Error.Problem);
        else if (walk.Has(PropertyId.AuthenticationData) && !walk.Has(PropertyId.AuthenticationMethod))
            packet.Fail(MqttReasonCode.ProtocolError, "authentication data without a method (3.1.2.11.10)");
        return packet.Failed ? default : block;
    }

    /// <summary>Goes through a block.</summary>
    public static PropertyWalk Over(ReadOnlySpan<byte> block, int offset, PacketType place)
        => new(new PacketReader(block, offset), place);

    /// <summary>False: at the end, or at an error.</summary>
    public bool Next()
    {
        if (_input.AtEnd)
            return false;
        int id = _input.Variable("property identifier (2.2.2.2)");
        PropertyRule rule = PropertyTable.Of(id);
        if (rule.Kind == PropertyKind.None || !rule.AllowsIn(_place))
        {
            _input.Fail(MqttReasonCode.MalformedPacket, "a property that is unknown, or not of this packet (2.2.2.2)");
            return false;
        }

        Id = (PropertyId)id;
        Read(rule.Kind);
        bool mayRepeat = Id == PropertyId.UserProperty
            || (Id == PropertyId.SubscriptionIdentifier && _place == PacketType.Publish);
        if (Has(Id) && !mayRepeat)
            _input.Fail(MqttReasonCode.ProtocolError, "a property twice (2.2.2.2)");
        _seen |= 1UL << id;
        CheckRange();
        return !_input.Failed;
    }

    private void Read(PropertyKind kind)
    {
        const string field = "property value (2.2.2.2)";
        Number = 0;
        Value = PairValue = default;
        switch (kind)
        {
            case PropertyKind.Flag:
                Number = _input.Byte(field);
                if (Number > 1)
                    _input.Fail(MqttReasonCode.ProtocolError, "a flag other than 0 and 1");
                break;
            case PropertyKind.UInt16:
                Number = _input.UInt16(field);
                break;
            case PropertyKind.UInt32:
                Number = _input.UInt32(field);
                break;
            case PropertyKind.Variable:
                Number = (uint)_input.Variable(field);
                break;
            case PropertyKind.Binary:
                Value = _input.Binary(field);
                break;
            case PropertyKind.Pair:
                Value = _input.Text(field);
                PairValue = _input.Text(field);
                break;
            default:
                Value = _input.Text(field);
                break;
        }
    }

    private void CheckRange()
    {
        if (_input.Failed)
            return;
        bool mustNotBeZero = Id is PropertyId.ReceiveMaximum or PropertyId.MaximumPacketSize or PropertyId.SubscriptionIdentifier;
        if (mustNotBeZero && Number == 0)
            _input.Fail(MqttReasonCode.ProtocolError, "a maximum or identifier of 0");
        else if (Id == PropertyId.TopicAlias && Number == 0)
            _input.Fail(MqttReasonCode.TopicAliasInvalid, "topic alias 0 (3.3.2-8)");
        else if (Id == PropertyId.ResponseTopic && (Value.IsEmpty || Value.IndexOfAny((byte)'+', (byte)'#') >= 0))
            _input.Fail(MqttReasonCode.ProtocolError, "a response topic that is no topic name (3.3.2-14)");
    }
}
