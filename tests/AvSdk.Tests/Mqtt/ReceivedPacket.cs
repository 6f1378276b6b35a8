using System.Text;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>A packet that a test's server received.</summary>
internal sealed record ReceivedPacket(PacketHeader Header, byte[] Body)
{
    public AckPacket Ack
    {
        get
        {
            PacketReader input = new(Body, 0);
            AckPacket ack = AckPacket.Read(ref input, Header.Type);
            Assert.False(input.Failed, input.Error.ToString());
            return ack;
        }
    }

    public EndPacket End
    {
        get
        {
            PacketReader input = new(Body, 0);
            return EndPacket.Read(ref input, Header.Type)!;
        }
    }

    /// <summary>A PUBLISH, as a line: topic, alias, identifier, QoS, DUP, payload.</summary>
    public string Publish
    {
        get
        {
            Assert.Equal(PacketType.Publish, Header.Type);
            PacketReader input = new(Body, 0);
            PublishPacket packet = PublishPacket.Read(ref input, Header.Flags);
            Assert.False(input.Failed, input.Error.ToString());
            return $"{Encoding.UTF8.GetString(packet.Topic)} a{packet.TopicAlias} #{packet.Id} q{(int)packet.Qos}"
                + $"{(packet.Duplicate ? " dup" : "")} {Encoding.UTF8.GetString(packet.Payload)}";
        }
    }
}
