using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using FsCheck;
using FsCheck.Fluent;

namespace AvSdk.Tests.Mqtt;

public sealed class PacketTests
{
    private const int PacketBytesMax = 1 << 20;

    public static TheoryData<string> Names() => [.. PacketSamples.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_packet_has_the_bytes_of_the_specification_and_comes_back(string name)
    {
        PacketSample sample = Sample(name);
        Assert.Equal(Convert.ToHexString(sample.Bytes), Convert.ToHexString(sample.Encode()));
        PacketError error = PacketDecoding.Decode(sample.Bytes, out byte[]? again);
        Assert.False(error.IsError, error.ToString());
        Assert.Equal(Convert.ToHexString(sample.Bytes), Convert.ToHexString(again!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_needs_more_and_every_shortened_length_is_malformed(string name)
    {
        byte[] whole = Sample(name).Bytes;
        for (int bytes = 0; bytes < whole.Length; bytes++)
        {
            PacketError error = PacketDecoding.Decode(whole.AsSpan(0, bytes), out byte[]? again);
            Assert.True(!error.IsError && again is null, $"{bytes} of {whole.Length}: {error}");
        }

        // The header says that the packet ends earlier: a shorter payload, list or tail of optional fields is a packet, too.
        PacketHeader.TryRead(whole, PacketBytesMax, out PacketHeader header, out _);
        for (int body = 0; body < header.BodyBytes; body++)
        {
            byte[] cut = [whole[0], .. Length(body), .. whole.AsSpan(header.HeaderBytes, body)];
            PacketError error = PacketDecoding.Decode(cut, out byte[]? again);
            Assert.True(error.IsError || again is not null, $"{body} bytes of body: neither packet nor error");
            Assert.True(!error.IsError || (error.Code >= MqttReasonCode.Unspecified && error.Offset <= cut.Length), error.ToString());
        }
    }

    [Fact]
    public void However_the_bytes_are_split_the_packets_are_the_same()
    {
        byte[] stream = [.. PacketSamples.All.SelectMany(sample => sample.Bytes)];
        for (int split = 1; split < stream.Length; split++)
            Assert.Equal(PacketSamples.All.Count, Count([stream[..split], stream[split..]]));
        Assert.Equal(PacketSamples.All.Count, Count([.. stream.Select(b => new[] { b })]));
    }

    [Fact]
    public void Every_flipped_bit_gives_a_packet_or_an_error_and_never_an_exception()
    {
        foreach (PacketSample sample in PacketSamples.All)
        {
            for (int bit = 0; bit < sample.Bytes.Length * 8; bit++)
            {
                byte[] bytes = sample.Bytes;
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                PacketError error = PacketDecoding.Decode(bytes, out byte[]? again);
                Assert.True(!error.IsError || (again is null && error.Problem.Length > 0), $"{sample} bit {bit}: {error}");
            }
        }
    }

    [Theory]
    [InlineData("00 00", MqttReasonCode.MalformedPacket, "type 0")]
    [InlineData("41 02 0001", MqttReasonCode.MalformedPacket, "reserved flags of PUBACK")]
    [InlineData("60 02 0001", MqttReasonCode.MalformedPacket, "reserved flags of PUBREL")]
    [InlineData("80 02 0001", MqttReasonCode.MalformedPacket, "reserved flags of SUBSCRIBE")]
    [InlineData("36 04 0001 74 00", MqttReasonCode.MalformedPacket, "QoS 3")]
    [InlineData("38 04 0001 74 00", MqttReasonCode.MalformedPacket, "DUP with QoS 0")]
    [InlineData("C0 80 80 80 80 01", MqttReasonCode.MalformedPacket, "a remaining length of five bytes")]
    [InlineData("C0 80 00", MqttReasonCode.MalformedPacket, "a remaining length longer than it needs")]
    [InlineData("30 FF FF FF 7F", MqttReasonCode.PacketTooLarge, "256 MiB announced")]
    [InlineData("C0 01 00", MqttReasonCode.MalformedPacket, "PINGREQ with a body")]
    [InlineData("30 05 0002 C3 28 00", MqttReasonCode.MalformedPacket, "a topic that is no UTF-8")]
    [InlineData("30 06 0003 EDA080 00", MqttReasonCode.MalformedPacket, "a surrogate in a topic")]
    [InlineData("30 05 0002 61 00 00", MqttReasonCode.MalformedPacket, "U+0000 in a topic")]
    [InlineData("30 05 0002 61 2B 00", MqttReasonCode.TopicNameInvalid, "a wildcard in a topic")]
    [InlineData("30 03 0000 00", MqttReasonCode.ProtocolError, "neither topic nor alias")]
    [InlineData("30 07 0001 74 03 23 0000", MqttReasonCode.TopicAliasInvalid, "alias 0")]
    [InlineData("32 06 0001 74 0000 00", MqttReasonCode.ProtocolError, "packet identifier 0")]
    [InlineData("30 08 0001 74 04 01 01 01 01", MqttReasonCode.ProtocolError, "a property twice")]
    [InlineData("30 06 0001 74 02 01 02", MqttReasonCode.ProtocolError, "a payload format of 2")]
    [InlineData("30 06 0001 74 02 0B 00", MqttReasonCode.ProtocolError, "subscription identifier 0")]
    [InlineData("30 07 0001 74 03 21 0001", MqttReasonCode.MalformedPacket, "a property of another packet")]
    [InlineData("30 06 0001 74 02 7E 00", MqttReasonCode.MalformedPacket, "an unknown property")]
    [InlineData("30 06 0001 74 7F 01 01", MqttReasonCode.MalformedPacket, "properties longer than the packet")]
    [InlineData("30 08 0001 74 04 08 0001 23", MqttReasonCode.ProtocolError, "a wildcard in a response topic")]
    [InlineData("40 01 00", MqttReasonCode.MalformedPacket, "half a packet identifier")]
    [InlineData("40 02 0000", MqttReasonCode.ProtocolError, "PUBACK for identifier 0")]
    [InlineData("40 03 0001 92", MqttReasonCode.ProtocolError, "a reason code of PUBREL")]
    [InlineData("40 05 0001 00 00 00", MqttReasonCode.MalformedPacket, "bytes after PUBACK")]
    [InlineData("20 03 02 00 00", MqttReasonCode.MalformedPacket, "reserved acknowledge flags")]
    [InlineData("20 03 01 87 00", MqttReasonCode.ProtocolError, "session present with a refusal")]
    [InlineData("20 06 00 00 03 21 0000", MqttReasonCode.ProtocolError, "receive maximum 0")]
    [InlineData("20 08 00 00 05 27 00000000", MqttReasonCode.ProtocolError, "maximum packet size 0")]
    [InlineData("20 05 00 00 02 24 02", MqttReasonCode.ProtocolError, "maximum QoS 2")]
    [InlineData("20 08 00 00 05 16 0002 0102", MqttReasonCode.ProtocolError, "authentication data without a method")]
    [InlineData("82 03 0001 00", MqttReasonCode.ProtocolError, "SUBSCRIBE without a filter")]
    [InlineData("82 07 0001 00 0001 61 03", MqttReasonCode.MalformedPacket, "QoS 3 of a subscription")]
    [InlineData("82 07 0001 00 0001 61 30", MqttReasonCode.MalformedPacket, "retain handling 3")]
    [InlineData("82 07 0001 00 0001 61 40", MqttReasonCode.MalformedPacket, "reserved subscription options")]
    [InlineData("82 08 0001 00 0002 2361 00", MqttReasonCode.TopicFilterInvalid, "a wildcard out of place")]
    [InlineData("82 10 0001 00 000A 24736861 72652F67 2F61 05", MqttReasonCode.ProtocolError, "no local on a shared one")]
    [InlineData("A2 03 0001 00", MqttReasonCode.ProtocolError, "UNSUBSCRIBE without a filter")]
    [InlineData("90 03 0001 00", MqttReasonCode.ProtocolError, "SUBACK without a code")]
    [InlineData("10 0D 0004 4D515454 04 02 003C 00 0000", MqttReasonCode.UnsupportedProtocolVersion, "version 4")]
    [InlineData("10 0D 0004 4D515458 05 02 003C 00 0000", MqttReasonCode.UnsupportedProtocolVersion, "protocol MQTX")]
    [InlineData("10 0D 0004 4D515454 05 03 003C 00 0000", MqttReasonCode.MalformedPacket, "the reserved connect flag")]
    [InlineData("10 0D 0004 4D515454 05 08 003C 00 0000", MqttReasonCode.MalformedPacket, "will QoS without a will")]
    [InlineData("10 0D 0004 4D515454 05 20 003C 00 0000", MqttReasonCode.MalformedPacket, "will retain without a will")]
    [InlineData("10 0E 0004 4D515454 05 02 003C 00 0000 00", MqttReasonCode.MalformedPacket, "bytes after CONNECT")]
    [InlineData("E0 01 01", MqttReasonCode.ProtocolError, "a reason code of SUBACK")]
    [InlineData("F0 01 87", MqttReasonCode.ProtocolError, "a reason code that AUTH has not")]
    public void Bad_packets_are_told_by_their_reason_code(string hex, MqttReasonCode code, string what)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        PacketError error = PacketDecoding.Decode(bytes, out byte[]? again);
        Assert.True(again is null, $"{what}: {Convert.ToHexString(again ?? [])}");
        Assert.True(error.Code == code, $"{what}: {error}");
    }

    [Fact]
    public void A_length_over_the_limit_is_refused_before_memory_is_taken_for_it()
    {
        using PacketBuffer buffer = new(PacketBytesMax);
        Convert.FromHexString("30FFFFFF7F").CopyTo(buffer.GetFreeMemory());
        buffer.Commit(5);
        buffer.TryRead(out _, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isWhole = buffer.TryRead(out _, out _, out PacketError error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((false, MqttReasonCode.PacketTooLarge, 0), (isWhole, error.Code, allocated));
    }

    [Fact]
    public void Memory_grows_with_what_arrived_not_with_what_a_header_claims()
    {
        using PacketBuffer buffer = new(256 << 20);
        Convert.FromHexString("30FFFFFF3F").CopyTo(buffer.GetFreeMemory());
        buffer.Commit(5);
        Assert.False(buffer.TryRead(out _, out _, out PacketError error));
        Assert.False(error.IsError);
        Assert.InRange(buffer.GetFreeMemory().Length, 1, 2 << 20);
    }

    [Fact]
    public void Whatever_is_published_comes_back() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Publications().ToArbitrary(), made =>
        {
            byte[] packet = PacketSamples.Publish(made.Topic, made.Options, made.Id, made.Alias, made.Payload, made.Duplicate);
            PacketError error = PacketDecoding.Decode(packet, out byte[]? again);
            Assert.False(error.IsError, error.ToString());
            Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(again!));
        }));

    private static Gen<Made> Publications() =>
        from topic in Gen.Elements("t", "cars/veh-1/imu", "ü/日本/🚗", new string('x', 300))
        from qos in Gen.Elements(MqttQos.AtMostOnce, MqttQos.AtLeastOnce, MqttQos.ExactlyOnce)
        from flags in Gen.Choose(0, 15)
        from id in Gen.Choose(1, 65_535)
        from alias in Gen.Choose(0, 3)
        from text in Gen.Elements(null, "", "text/plain", new string('y', 200))
        from response in Gen.Elements(null, "answers", "a/b/c")
        from properties in Gen.Choose(0, 4)
        from correlation in Gen.Elements(0, 1, 127, 128, 3000)
        from expiry in Gen.Elements<double?>(null, 0, 1, 86_400, uint.MaxValue - 1.0)
        from payload in Gen.Elements(0, 1, 100, 128, 16_383, 16_384, 70_000)
        select new Made(topic, new MqttPublishOptions
        {
            Qos = qos,
            Retain = (flags & 1) != 0,
            IsText = (flags & 2) != 0,
            ContentType = text,
            ResponseTopic = response,
            CorrelationData = new byte[correlation],
            MessageExpiry = expiry is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            UserProperties = [.. Enumerable.Range(0, properties).Select(i => new MqttUserProperty($"n{i}", text ?? "v"))],
        }, qos == MqttQos.AtMostOnce ? (ushort)0 : (ushort)id, (ushort)alias, new string('p', payload),
            qos != MqttQos.AtMostOnce && (flags & 4) != 0);

    private static PacketSample Sample(string name) => PacketSamples.All.Single(sample => sample.Name == name);

    private static byte[] Length(int value)
    {
        byte[] bytes = new byte[4];
        return bytes[..VariableInt.Write(bytes, value)];
    }

    private static int Count(IReadOnlyList<byte[]> pieces)
    {
        using PacketBuffer buffer = new(PacketBytesMax);
        int packets = 0;
        foreach (byte[] piece in pieces)
        {
            for (ReadOnlyMemory<byte> rest = piece; !rest.IsEmpty;)
            {
                Memory<byte> free = buffer.GetFreeMemory();
                int bytes = Math.Min(free.Length, rest.Length);
                rest[..bytes].CopyTo(free);
                rest = rest[bytes..];
                buffer.Commit(bytes);
                while (buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error))
                {
                    Assert.Equal(PacketSamples.All[packets++].Bytes.AsSpan(header.HeaderBytes), body);
                    Assert.False(error.IsError);
                }
            }
        }

        return packets;
    }

    private sealed record Made(
        string Topic, MqttPublishOptions Options, ushort Id, ushort Alias, string Payload, bool Duplicate);
}
